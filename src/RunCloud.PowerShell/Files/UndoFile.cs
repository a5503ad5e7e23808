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

    /// <summary>A document without objects, which Import-Clixml reads as nothing.</summary>
    private static XElement NoObjects()
    {
        var one = XElement.Parse(PSSerializer.Serialize(string.Empty));
        one.RemoveNodes();
        return one;
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
            var one = XElement.Parse(PSSerializer.Serialize(new PSObject(credential)), LoadOptions.PreserveWhitespace);
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
