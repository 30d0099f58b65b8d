using Gateway.Display;

namespace Gateway.Tests.Wire;

public class VisibleTextTests
{
    [Test]
    [Arguments("ls -l\n\techo ü 🙂", "ls -l\n\techo ü 🙂")]
    [Arguments("rm x\r# harmless", "rm x\\x0d# harmless")]
    [Arguments("a\u001b[2Kb\bc\u007f\u009b", "a\\x1b[2Kb\\x08c\\x7f\\x9b")]
    [Arguments("a\u202eb\u2066c\u200dd\ufeff", "a\\u202eb\\u2066c\\u200dd\\ufeff")]
    [Arguments("a\u2028b", "a\\u2028b")]
    [Arguments("x\udb40\udc41y", "x\\udb40\\udc41y")]
    [Arguments("half \ud800", "half \ud800")]
    [Arguments("", "")]
    public async Task What_a_terminal_would_carry_out_is_shown(string text, string shown) =>
        await Assert.That(VisibleText.Of(text)).IsEqualTo(shown);

    [Test]
    public async Task An_ordinary_text_is_not_copied()
    {
        const string text = "git push --force";
        await Assert.That(ReferenceEquals(VisibleText.Of(text), text)).IsTrue();
    }
}
