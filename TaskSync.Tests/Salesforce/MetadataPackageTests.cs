using System.IO.Compression;
using System.Text.Json;
using System.Xml.Linq;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

public sealed class MetadataPackageTests
{
    private static readonly XNamespace Metadata = "http://soap.sforce.com/2006/04/metadata";

    [Fact]
    public void The_key_field_is_defined_on_Activity_unique_and_an_external_id_and_its_permission_is_given_on_Task()
    {
        var files = Open(MetadataPackage.Build("TaskSync_Key__c", "66.0"));

        Assert.Equal("66.0", JsonDocument.Parse(files["sfdx-project.json"]).RootElement.GetProperty("sourceApiVersion").GetString());
        var field = XDocument.Parse(files["force-app/main/default/objects/Activity/fields/TaskSync_Key__c.field-meta.xml"]).Root!;
        Assert.Equal(Metadata + "CustomField", field.Name);
        Assert.Equal(
            ("TaskSync_Key__c", "Text", "36", "true", "true", "true"),
            (Of(field, "fullName"), Of(field, "type"), Of(field, "length"), Of(field, "unique"), Of(field, "externalId"), Of(field, "caseSensitive")));
        var permission = XDocument.Parse(files["force-app/main/default/permissionsets/TaskSync.permissionset-meta.xml"]).Root!.Element(Metadata + "fieldPermissions")!;
        Assert.Equal(("Task.TaskSync_Key__c", "true", "true"), (Of(permission, "field"), Of(permission, "readable"), Of(permission, "editable")));
    }

    [Fact]
    public void It_follows_the_configured_name()
    {
        var files = Open(MetadataPackage.Build("Sync_Id__c", "64.0"));

        Assert.Contains("force-app/main/default/objects/Activity/fields/Sync_Id__c.field-meta.xml", files.Keys);
    }

    [Theory]
    [InlineData("")]
    [InlineData("CallObject")]
    [InlineData("pkg__Key__c")]
    [InlineData("../../evil__c")]
    [InlineData("a<b__c")]
    public void A_name_that_no_package_can_create_is_refused_with_the_reason(string keyField)
    {
        Assert.NotNull(MetadataPackage.WhyNot(keyField));
        Assert.Throws<ArgumentException>(() => MetadataPackage.Build(keyField, "66.0"));
    }

    private static string Of(XElement parent, string name) => parent.Element(Metadata + name)!.Value;

    private static Dictionary<string, string> Open(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd();
        });
    }
}
