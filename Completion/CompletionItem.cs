namespace Gateway.Completion;

/// <summary>One row of a completion menu (WIRE.md 14).</summary>
/// <param name="Text">What replaces the completed part of the input.</param>
/// <param name="Display">What the row shows; always a plain text (Q27).</param>
/// <param name="Meta">A remark beside it; may be empty.</param>
internal readonly record struct CompletionItem(string Text, string Display, string Meta);

/// <summary>The answer to complete.slash.</summary>
/// <param name="Items">Rows.</param>
/// <param name="ReplaceFrom">Index in the input from which an item's text replaces the rest; null when the input is no command.</param>
internal sealed record SlashCompletion(IReadOnlyList<CompletionItem> Items, int? ReplaceFrom);
