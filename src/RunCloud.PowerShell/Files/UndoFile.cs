using System.Globalization;
using System.Management.Automation;
using System.Text;
using System.Xml.Linq;

namespace RunCloud.PowerShell;

/// <summary>Writes credentials as <c>Import-Clixml</c> reads them, so that <c>Add-RunCloudSshCredential</c> can put them back.</summary>
internal static class UndoFile
{
    /// <summary>The reference numbers in a clixml document.</summary>
    private static readonly HashSet<string> References = ["Obj", "Ref", "TN", "TNRef"];

    /// <summary>Characters that XML does not allow and the engine does not escape.</summary>
    private static readonly char[] Unwritable = ['\uFFFE', '\uFFFF'];

    /// <summary>A document without objects. Import-Clixml gives nothing for it.</summary>
    private static XElement NoObjects()
    {
        var one = XElement.Parse(PSSerializer.Serialize(string.Empty));
        one.RemoveNodes();
        return one;
    }

    /// <summary>
    /// A credential as the engine writes it. The engine refuses U+FFFE and U+FFFF, which XML does not allow but a comment may contain: they are written
    /// as Import-Clixml reads them, in place of a marker that is in no text.
    /// </summary>
    private static string Serialized(SshCredential credential)
    {
        var mark = Guid.NewGuid().ToString("N");
        string Marked(char c) => FormattableString.Invariant($"{mark}{(int)c:X4}");
        var row = new PSObject();
        row.TypeNames.Insert(0, typeof(SshCredential).FullName);
        foreach (var property in PSObject.AsPSObject(credential).Properties)
        {
            // The displayed text is cleaned; the undo file needs the original text.
            var given = property.Name == nameof(SshCredential.PublicKey) ? credential.RawPublicKey
                : property.Value is DateTimeOffset time ? time.UtcDateTime
                : property.Value;
            var value = given is string text ? string.Concat(text.Select(c => Unwritable.Contains(c) ? Marked(c) : c.ToString())) : given;
            row.Properties.Add(new PSNoteProperty(property.Name, value));
        }

        var document = new StringBuilder(PSSerializer.Serialize(row));
        foreach (var c in Unwritable)
        {
            _ = document.Replace(Marked(c), FormattableString.Invariant($"_x{(int)c:X4}_"));
        }

        return document.ToString();
    }

    /// <summary>
    /// The text of the file. The engine's public method writes one object per document, and Import-Clixml wants them side by
    /// side in one document. So the reference numbers are made unique, and the documents are merged.
    /// </summary>
    internal static byte[] Content(IEnumerable<SshCredential> credentials)
    {
        XElement? all = null;
        var next = 0;
        foreach (var credential in credentials)
        {
            var one = XElement.Parse(Serialized(credential), LoadOptions.PreserveWhitespace);
            var first = next;
            foreach (var reference in one.Descendants().Where(element => References.Contains(element.Name.LocalName)).Select(element => element.Attribute("RefId")).OfType<XAttribute>())
            {
                var number = first + int.Parse(reference.Value, CultureInfo.InvariantCulture);
                next = number >= next ? number + 1 : next;
                reference.SetValue(number);
            }

            if (all is null)
            {
                all = one;
            }
            else
            {
                all.Add(one.Elements());
            }
        }

        all ??= NoObjects();
        return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetBytes(all.ToString(SaveOptions.DisableFormatting));
    }
}
