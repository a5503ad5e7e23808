using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Xml.Linq;

namespace RunCloud.PowerShell;

/// <summary>Credentials as <c>Import-Clixml</c> reads them, for <c>Add-RunCloudSshCredential</c> to put them back.</summary>
internal static class UndoFile
{
    /// <summary>Numbers by which the elements of a document refer to each other.</summary>
    private static readonly HashSet<string> References = ["Obj", "Ref", "TN", "TNRef"];

    /// <summary>What XML cannot have and the engine does not write otherwise.</summary>
    private static readonly char[] Unwritable = ['\uFFFE', '\uFFFF'];

    /// <summary>A document without objects, which Import-Clixml reads as nothing.</summary>
    private static XElement NoObjects()
    {
        var one = XElement.Parse(PSSerializer.Serialize(string.Empty));
        one.RemoveNodes();
        return one;
    }

    /// <summary>
    /// A credential as the engine writes it. Its door refuses U+FFFE and U+FFFF, which XML cannot have and a comment can: they are written
    /// as Import-Clixml reads them, in place of a mark that no text has.
    /// </summary>
    private static string Serialized(SshCredential credential)
    {
        var mark = Guid.NewGuid().ToString("N");
        string Marked(char c) => FormattableString.Invariant($"{mark}{(int)c:X4}");
        var row = new PSObject();
        row.TypeNames.Insert(0, typeof(SshCredential).FullName);
        foreach (var property in PSObject.AsPSObject(credential).Properties)
        {
            // What is shown of a key is clean; what is put back is what was there.
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
    /// The text of the file. The engine writes one object a document where its public door is used, and Import-Clixml wants them side by
    /// side in one: so their numbers are made to differ, and they are put together.
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
