namespace TaskSync.Tests.Repository;

/// <summary>Constructors and methods of the engine stay small.</summary>
public sealed class ShapeTests
{
    private static readonly IReadOnlyList<(string File, string Text)> Engine =
    [
        .. from file in Repo.Files
           where file.StartsWith("TaskSync.Sync/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal) && !file.Contains("/Migrations/", StringComparison.Ordinal)
           select (file, Repo.Read(file)),
    ];

    [Fact]
    public void A_constructor_has_at_most_six_parameters() => Check(Shape.Constructors(Engine), 6);

    [Fact]
    public void A_method_has_at_most_five_parameters() => Check(Shape.Parameters(Engine), 5);

    [Fact]
    public void A_method_has_at_most_forty_lines() => Check(Shape.Lines(Engine), 40);

    [Fact]
    public void The_sizes_are_counted_as_they_are_meant()
    {
        (string, string)[] planted =
        [
            ("Folder/Planted.cs", """
                class Wide(int a, int b) { Wide(int c) : this(c, c) { } }
                record Values(int A, int B, int C);
                class Methods
                {
                    int Arrow(int a, CancellationToken cancellationToken) =>
                        a
                        + 1;
                    void Block(this int a, int b)
                    {
                        Inner(a);
                        void Inner(int x) { }
                    }
                }
                """),
        ];
        Assert.Equal([("Planted.Wide", 2), ("Planted.Wide", 1)], Shape.Constructors(planted));
        Assert.Equal([("Planted.Arrow", 1), ("Planted.Block", 2), ("Planted.Inner", 1)], Shape.Parameters(planted));
        Assert.Equal([("Planted.Arrow", 2), ("Planted.Block", 2)], Shape.Lines(planted));
    }

    private static void Check(IEnumerable<(string Name, int Size)> found, int most) =>
        Assert.Empty(found.Where(one => one.Size > most).Select(one => $"{one.Name} has {one.Size}, more than {most}."));
}
