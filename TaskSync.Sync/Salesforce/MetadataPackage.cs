using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace TaskSync.Sync.Salesforce;

/// <summary>
/// What an org's administrator deploys, in Salesforce's source format: the key field and a permission set that lets reps write it. A custom field of
/// tasks is defined on Activity (Metadata API guide, "CustomField"; it then exists on Task and Event), its permission is given on Task.
/// </summary>
public static partial class MetadataPackage
{
    /// <summary>API name of the permission set.</summary>
    public const string PermissionSet = "TaskSync";

    /// <summary>Length of our keys: TSK- and 32 digits.</summary>
    private const int KeyLength = 36;

    /// <summary>Why there is no package for this key field, null when there is one.</summary>
    public static string? WhyNot(string keyField) => keyField.Length == 0
        ? "Salesforce:KeyField is empty: no key field is used."
        : CustomField().IsMatch(keyField) ? null : $"Salesforce:KeyField is {keyField}, which is no field that a package can create (a custom field without a namespace ends in __c).";

    /// <summary>The package as a zip file.</summary>
    /// <param name="keyField">Salesforce:KeyField.</param>
    /// <param name="apiVersion">Such as 66.0.</param>
    public static byte[] Build(string keyField, string apiVersion)
    {
        if (WhyNot(keyField) is { } reason)
        {
            throw new ArgumentException(reason, nameof(keyField));
        }

        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in Files(keyField, apiVersion))
            {
                using var entry = new StreamWriter(zip.CreateEntry(path).Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                entry.Write(text.ReplaceLineEndings("\n"));
            }
        }

        return bytes.ToArray();
    }

    private static IEnumerable<(string Path, string Text)> Files(string keyField, string apiVersion) =>
    [
        ("sfdx-project.json", Project(apiVersion)),
        ($"force-app/main/default/objects/Activity/fields/{keyField}.field-meta.xml", Field(keyField)),
        ($"force-app/main/default/permissionsets/{PermissionSet}.permissionset-meta.xml", Permissions(keyField)),
        ("README.md", ReadMe(keyField)),
    ];

    private static string Project(string apiVersion) => $$"""
        {
          "packageDirectories": [{ "path": "force-app", "default": true }],
          "name": "tasksync",
          "namespace": "",
          "sfdcLoginUrl": "https://login.salesforce.com",
          "sourceApiVersion": "{{apiVersion}}"
        }

        """;

    private static string Field(string keyField) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
            <fullName>{keyField}</fullName>
            <label>TaskSync Key</label>
            <description>Written by TaskSync when it creates a task, so that no task is ever created twice. Do not edit.</description>
            <type>Text</type>
            <length>{KeyLength}</length>
            <required>false</required>
            <unique>true</unique>
            <externalId>true</externalId>
            <caseSensitive>true</caseSensitive>
            <trackHistory>false</trackHistory>
        </CustomField>

        """;

    private static string Permissions(string keyField) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
            <label>TaskSync</label>
            <description>Lets TaskSync write the key of the tasks that it creates. For every rep who syncs, and for the integration user.</description>
            <hasActivationRequired>false</hasActivationRequired>
            <fieldPermissions>
                <field>Task.{keyField}</field>
                <editable>true</editable>
                <readable>true</readable>
            </fieldPermissions>
        </PermissionSet>

        """;

    private static string ReadMe(string keyField) => $"""
        # TaskSync for Salesforce

        One text field on Activity, {keyField} (unique, external id, case-sensitive, {KeyLength} characters), and the permission set TaskSync.

        With the Salesforce CLI, in this folder:

            sf org login web --alias my-org
            sf project deploy start --source-dir force-app --target-org my-org
            sf org assign permset --name {PermissionSet} --target-org my-org --on-behalf-of rep@example.com

        Assign the permission set to every rep who syncs and to the integration user. Removing both again harms nothing: TaskSync then keeps its keys in the
        standard field CallObject, where that is visible.

        """;

    [GeneratedRegex("^[A-Za-z](?!.*__.*__c$)[A-Za-z0-9_]*__c$")]
    private static partial Regex CustomField();
}
