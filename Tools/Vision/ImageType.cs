using System.Buffers.Binary;
using System.Text;

namespace Gateway.Tools.Vision;

/// <summary>Tells the kind of an image by its first bytes; names and headers may say anything.</summary>
internal static class ImageType
{
    /// <summary>How much of a file is looked at.</summary>
    public const int Prefix = 4096;

    /// <summary>The kinds that are known, for people.</summary>
    public const string Known = "PNG, JPEG, GIF, WebP, BMP, TIFF, ICO, AVIF, HEIC or SVG";

    /// <summary>The media type of an image; null when it is none that is known.</summary>
    /// <param name="bytes">The file, or its first <see cref="Prefix"/> bytes.</param>
    public static string? Of(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        _ when bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8) => "image/gif",
        _ when bytes.StartsWith("RIFF"u8) && At(bytes, 8).StartsWith("WEBP"u8) => "image/webp",
        [0x49, 0x49, 0x2A, 0x00, ..] or [0x4D, 0x4D, 0x00, 0x2A, ..] => "image/tiff",
        [0x00, 0x00, 0x01, 0x00, > 0, 0x00, ..] => "image/x-icon",
        _ when IsBitmap(bytes) => "image/bmp",
        _ when At(bytes, 4).StartsWith("ftyp"u8) => OfBrand(At(bytes, 8)),
        _ when IsSvg(bytes) => "image/svg+xml",
        _ => null,
    };

    /// <summary>Whether every provider that takes images takes this kind.</summary>
    public static bool IsCommon(string type) => type is "image/png" or "image/jpeg" or "image/gif" or "image/webp";

    private static ReadOnlySpan<byte> At(ReadOnlySpan<byte> bytes, int start) => start < bytes.Length ? bytes[start..] : [];

    // Two letters alone would take many a text for one: the reserved bytes and the length of the second header count too.
    private static bool IsBitmap(ReadOnlySpan<byte> bytes) => bytes.Length >= 18 && bytes.StartsWith("BM"u8)
        && bytes[6..10].IndexOfAnyExcept((byte)0) < 0 && BinaryPrimitives.ReadUInt32LittleEndian(bytes[14..]) is 12 or 40 or 52 or 56 or 64 or 108 or 124;

    private static string? OfBrand(ReadOnlySpan<byte> brand) => brand switch
    {
        _ when brand.StartsWith("avif"u8) || brand.StartsWith("avis"u8) => "image/avif",
        _ when brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8) || brand.StartsWith("mif1"u8) || brand.StartsWith("msf1"u8) => "image/heic",
        _ => null,
    };

    // Only a document whose first element is svg: a page or a file of settings that merely holds one must not pass for an image.
    private static bool IsSvg(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[3..];
        bytes = bytes[..Math.Min(bytes.Length, Prefix)];
        while (true)
        {
            bytes = bytes.TrimStart(" \t\r\n"u8);
            var end = bytes switch
            {
                _ when bytes.StartsWith("<?"u8) => "?>"u8,
                _ when bytes.StartsWith("<!--"u8) => "-->"u8,
                _ when bytes.StartsWith("<!DOCTYPE svg"u8) => bytes.IndexOf((byte)'[') is >= 0 and var set && set < bytes.IndexOf((byte)'>') ? "]>"u8 : ">"u8,
                _ => default,
            };
            if (end.IsEmpty) return bytes.StartsWith("<svg"u8) && bytes.Length > 4 && bytes[4] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'>' or (byte)'/' or (byte)':';
            int at = bytes.IndexOf(end);
            if (at < 0) return false;
            bytes = bytes[(at + end.Length)..];
        }
    }
}
