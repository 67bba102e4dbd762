namespace TaskSync.Tests.Repository;

/// <summary>The folders of a project use each other in one direction only.</summary>
public sealed class FolderArrowsTests
{
    private static readonly FolderArrows Simulator = new("TaskSync.Simulator",
        ("Setup", []),
        ("Schema", []),
        ("Refusals", ["Schema"]),
        ("Org", ["Setup", "Schema"]),
        ("Soql", ["Setup", "Schema", "Refusals", "Org"]),
        ("Writing", ["Setup", "Schema", "Refusals", "Org", "Soql"]),
        ("Seed", ["Setup", "Schema", "Org", "Writing"]),
        ("Wire", ["Refusals"]),
        ("Rest", ["Setup", "Schema", "Refusals", "Org", "Soql", "Writing", "Wire"]),
        ("OAuth", ["Setup", "Schema", "Org", "Wire"]),
        ("Faults", ["Wire"]),
        ("Inside", ["Setup", "Schema", "Refusals", "Org", "Soql", "Writing", "Seed", "Rest", "OAuth", "Faults"]),
        ("Ui", ["Schema", "Refusals", "Org", "Soql", "Writing", "Wire"]),
        ("Control", ["Setup", "Schema", "Wire", "Faults", "Inside"]),
        ("Hosting", ["Setup", "Schema", "Refusals", "Org", "Wire", "Rest", "OAuth", "Faults", "Inside", "Ui", "Control"]),
        ("", ["Setup", "Inside", "Hosting"]));

    private static readonly FolderArrows App = new("App", ("", []), ("Low", [""]), ("Engine.Push", ["Low"]), ("Engine", ["Low", "Engine.Push"]));

    [Fact]
    public void Simulator_folders_point_one_way() => Assert.Empty(Simulator.ViolationsIn("TaskSync.Simulator"));

    [Theory]
    [InlineData("using App.Engine;\nnamespace App.Low;", "Low uses Engine")]
    [InlineData("using static App.Engine.Cycle;\nnamespace App.Low;", "Low uses Engine")]
    [InlineData("using Round = App.Engine.Cycle;\nnamespace App.Low;", "Low uses Engine")]
    [InlineData("namespace App.Low;\nclass C { App.Engine.Cycle x; }", "Low uses Engine")]
    [InlineData("namespace App.Low;\nclass C { Engine.Push.Pusher x; }", "Low uses Engine.Push")]
    [InlineData("using App.Engine.Push.Deep;\nnamespace App.Low;", "Low uses Engine.Push")]
    [InlineData("namespace App.Engine.Push.Deep;\nclass C { Cycle x; }", "Engine.Push uses Engine")]
    [InlineData("namespace App.Engine.Push;\nclass C { Front x; }", "Engine.Push uses the root")]
    [InlineData("using App.Low;\nnamespace App.Other;", "Other is not in the table")]
    [InlineData("namespace App.Low;\nclass C { void Do() { /* Engine.Cycle */ It.Cycle(App.Engine()); } } // Engine.Cycle", null)]
    [InlineData("using App.Engine.Push;\nusing App.Low;\nnamespace App.Engine;\nclass C { Low.Base x; Cycle y; }", null)]
    [InlineData("namespace App.Low;\nclass C { Front x; }", null)]
    public void An_arrow_that_is_not_in_the_table_is_found(string planted, string? expected)
    {
        var found = App.Violations(
        [
            ("Planted.cs", planted), ("Front.cs", "namespace App;\npublic sealed class Front;"), ("Low/Base.cs", "namespace App.Low;\nabstract class Base;"),
            ("Engine/Cycle.cs", "namespace App.Engine;\ninternal sealed record Cycle(int Number);"), ("Engine/Push/Pusher.cs", "namespace App.Engine.Push;\nclass Pusher;"),
        ]);
        Assert.Equal(expected is null ? [] : ["Planted.cs: " + expected], found);
    }

    [Fact]
    public void A_global_using_counts_for_every_file()
    {
        Assert.Equal(["Low/Base.cs: Low uses Engine"], App.Violations([("Engine/Usings.cs", "global using App.Engine;\nnamespace App.Engine;"), ("Low/Base.cs", "namespace App.Low;")]));
    }

    [Fact]
    public void A_table_with_a_circle_is_a_violation_itself()
    {
        var circle = new FolderArrows("App", ("A", ["B"]), ("B", ["A"]));
        Assert.Equal(["table: A may use B, which is not above it"], circle.Violations([("A.cs", "using App.B;\nnamespace App.A;"), ("B.cs", "using App.A;\nnamespace App.B;")]));
    }
}
