using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace TaskSync.Sync.Data.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Allowances",
                columns: table => new
                {
                    OrganizationId = table.Column<string>(type: "character varying(18)", maxLength: 18, nullable: false, collation: "C"),
                    Used = table.Column<int>(type: "integer", nullable: false),
                    Limit = table.Column<int>(type: "integer", nullable: false),
                    SeenAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Allowances", x => x.OrganizationId);
                });

            migrationBuilder.CreateTable(
                name: "ApiUsage",
                columns: table => new
                {
                    ConnectionId = table.Column<Guid>(type: "uuid", nullable: false),
                    Day = table.Column<DateOnly>(type: "date", nullable: false),
                    Purpose = table.Column<int>(type: "integer", nullable: false),
                    Calls = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ApiUsage", x => new { x.ConnectionId, x.Day, x.Purpose });
                });

            migrationBuilder.CreateTable(
                name: "Audits",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    PersonId = table.Column<Guid>(type: "uuid", nullable: false),
                    ConnectionId = table.Column<Guid>(type: "uuid", nullable: false),
                    Reason = table.Column<int>(type: "integer", nullable: false),
                    StartedAt = table.Column<long>(type: "bigint", nullable: false),
                    EndedAt = table.Column<long>(type: "bigint", nullable: false),
                    Compared = table.Column<int>(type: "integer", nullable: false),
                    Different = table.Column<int>(type: "integer", nullable: false),
                    Healed = table.Column<int>(type: "integer", nullable: false),
                    Duplicates = table.Column<int>(type: "integer", nullable: false),
                    DuplicateIds = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true, collation: "C"),
                    ApiCalls = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Audits", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Conflicts",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    PersonId = table.Column<Guid>(type: "uuid", nullable: false),
                    TaskId = table.Column<Guid>(type: "uuid", nullable: false),
                    Field = table.Column<int>(type: "integer", nullable: false),
                    OurValue = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    TheirValue = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Winner = table.Column<int>(type: "integer", nullable: false),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    SettledAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Conflicts", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Control",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false),
                    PausedAt = table.Column<long>(type: "bigint", nullable: true),
                    PausedBy = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true, collation: "C"),
                    Reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Control", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Cursors",
                columns: table => new
                {
                    ConnectionId = table.Column<Guid>(type: "uuid", nullable: false),
                    Fast = table.Column<long>(type: "bigint", nullable: false),
                    SweepUpdated = table.Column<long>(type: "bigint", nullable: false),
                    SweepDeleted = table.Column<long>(type: "bigint", nullable: false),
                    SweptAt = table.Column<long>(type: "bigint", nullable: false),
                    AuditedAt = table.Column<long>(type: "bigint", nullable: false),
                    AuditAsked = table.Column<int>(type: "integer", nullable: true),
                    FollowsReader = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Cursors", x => x.ConnectionId);
                });

            migrationBuilder.CreateTable(
                name: "DataProtectionKeys",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    FriendlyName = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Xml = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DataProtectionKeys", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Fences",
                columns: table => new
                {
                    Shard = table.Column<int>(type: "integer", nullable: false),
                    Value = table.Column<long>(type: "bigint", nullable: false),
                    Commits = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Fences", x => x.Shard);
                });

            migrationBuilder.CreateTable(
                name: "HealthMarks",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false),
                    At = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_HealthMarks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "History",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    TaskId = table.Column<Guid>(type: "uuid", nullable: false),
                    PersonId = table.Column<Guid>(type: "uuid", nullable: false),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    Order = table.Column<long>(type: "bigint", nullable: false),
                    Side = table.Column<int>(type: "integer", nullable: false),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    Actor = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, collation: "C"),
                    ChangesJson = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Note = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_History", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "InitialSyncs",
                columns: table => new
                {
                    ConnectionId = table.Column<Guid>(type: "uuid", nullable: false),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    Window = table.Column<int>(type: "integer", nullable: false),
                    WindowStart = table.Column<long>(type: "bigint", nullable: true),
                    RequestedAt = table.Column<long>(type: "bigint", nullable: false),
                    State = table.Column<int>(type: "integer", nullable: false),
                    CatchUp = table.Column<int>(type: "integer", nullable: false),
                    CatchUpPage = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: true, collation: "C"),
                    Import = table.Column<int>(type: "integer", nullable: false),
                    ImportPage = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: true, collation: "C"),
                    Today = table.Column<DateOnly>(type: "date", nullable: true),
                    Found = table.Column<int>(type: "integer", nullable: true),
                    Done = table.Column<int>(type: "integer", nullable: false),
                    Calls = table.Column<int>(type: "integer", nullable: false),
                    Created = table.Column<int>(type: "integer", nullable: false),
                    Updated = table.Column<int>(type: "integer", nullable: false),
                    Deleted = table.Column<int>(type: "integer", nullable: false),
                    FinishedAt = table.Column<long>(type: "bigint", nullable: true),
                    Version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_InitialSyncs", x => x.ConnectionId);
                });

            migrationBuilder.CreateTable(
                name: "OrgTests",
                columns: table => new
                {
                    OrganizationId = table.Column<string>(type: "character varying(18)", maxLength: 18, nullable: false, collation: "C"),
                    IsAllowed = table.Column<bool>(type: "boolean", nullable: false),
                    AllowedBy = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true, collation: "C"),
                    Marker = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    SalesforceId = table.Column<string>(type: "character varying(18)", maxLength: 18, nullable: true, collation: "C"),
                    ConnectionId = table.Column<Guid>(type: "uuid", nullable: true),
                    StartedAt = table.Column<long>(type: "bigint", nullable: true),
                    FinishedAt = table.Column<long>(type: "bigint", nullable: true),
                    MustCleanUp = table.Column<bool>(type: "boolean", nullable: false),
                    ResultJson = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OrgTests", x => x.OrganizationId);
                });

            migrationBuilder.CreateTable(
                name: "People",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    SubjectId = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false, collation: "C"),
                    Email = table.Column<string>(type: "character varying(320)", maxLength: 320, nullable: true, collation: "C"),
                    SyncEnabled = table.Column<bool>(type: "boolean", nullable: false),
                    ImportWindow = table.Column<int>(type: "integer", nullable: false),
                    ConflictPolicy = table.Column<int>(type: "integer", nullable: false),
                    TimeZone = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, collation: "C"),
                    BrowserTimeZone = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, collation: "C"),
                    ShortcutsEnabled = table.Column<bool>(type: "boolean", nullable: false),
                    ConnectionId = table.Column<Guid>(type: "uuid", nullable: true),
                    PausedAt = table.Column<long>(type: "bigint", nullable: true),
                    PauseReason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true, collation: "C"),
                    RemovedAt = table.Column<long>(type: "bigint", nullable: true),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    Version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_People", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Problems",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    PersonId = table.Column<Guid>(type: "uuid", nullable: false),
                    ConnectionId = table.Column<Guid>(type: "uuid", nullable: false),
                    TaskId = table.Column<Guid>(type: "uuid", nullable: true),
                    SalesforceId = table.Column<string>(type: "character varying(18)", maxLength: 18, nullable: true, collation: "C"),
                    Code = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false, collation: "C"),
                    Message = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    FirstSeenAt = table.Column<long>(type: "bigint", nullable: false),
                    LastSeenAt = table.Column<long>(type: "bigint", nullable: false),
                    Times = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Problems", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Runs",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    PersonId = table.Column<Guid>(type: "uuid", nullable: false),
                    ConnectionId = table.Column<Guid>(type: "uuid", nullable: false),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    StartedAt = table.Column<long>(type: "bigint", nullable: false),
                    EndedAt = table.Column<long>(type: "bigint", nullable: true),
                    Outcome = table.Column<int>(type: "integer", nullable: false),
                    Created = table.Column<int>(type: "integer", nullable: false),
                    Updated = table.Column<int>(type: "integer", nullable: false),
                    Deleted = table.Column<int>(type: "integer", nullable: false),
                    Sent = table.Column<int>(type: "integer", nullable: false),
                    Failed = table.Column<int>(type: "integer", nullable: false),
                    ApiCalls = table.Column<int>(type: "integer", nullable: false),
                    Message = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Runs", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Connections",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    PersonId = table.Column<Guid>(type: "uuid", nullable: false),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(18)", maxLength: 18, nullable: false, collation: "C"),
                    UserId = table.Column<string>(type: "character varying(18)", maxLength: 18, nullable: false, collation: "C"),
                    Username = table.Column<string>(type: "character varying(320)", maxLength: 320, nullable: false, collation: "C"),
                    DisplayName = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false, collation: "C"),
                    OrganizationName = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false, collation: "C"),
                    IsSandbox = table.Column<bool>(type: "boolean", nullable: false),
                    InstanceUrl = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false, collation: "C"),
                    AccessToken = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    RefreshToken = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    StateReason = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    UserTimeZone = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, collation: "C"),
                    ConnectedAt = table.Column<long>(type: "bigint", nullable: false),
                    SchemaJson = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    SchemaReadAt = table.Column<long>(type: "bigint", nullable: true),
                    EntryFloor = table.Column<long>(type: "bigint", nullable: true),
                    LastSuccessAt = table.Column<long>(type: "bigint", nullable: true),
                    BackOffUntil = table.Column<long>(type: "bigint", nullable: true),
                    BackOffReason = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    FailingSince = table.Column<long>(type: "bigint", nullable: true),
                    Shard = table.Column<int>(type: "integer", nullable: false),
                    Version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Connections", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Connections_People_PersonId",
                        column: x => x.PersonId,
                        principalTable: "People",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "SignIns",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    PersonId = table.Column<Guid>(type: "uuid", nullable: false),
                    StartedAt = table.Column<long>(type: "bigint", nullable: false),
                    LastSeenAt = table.Column<long>(type: "bigint", nullable: false),
                    EndedAt = table.Column<long>(type: "bigint", nullable: true),
                    End = table.Column<int>(type: "integer", nullable: true),
                    IsAdmin = table.Column<bool>(type: "boolean", nullable: false),
                    Device = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SignIns", x => x.Id);
                    table.ForeignKey(
                        name: "FK_SignIns_People_PersonId",
                        column: x => x.PersonId,
                        principalTable: "People",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Tasks",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    PersonId = table.Column<Guid>(type: "uuid", nullable: false),
                    Subject = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, collation: "C"),
                    DueDate = table.Column<DateOnly>(type: "date", nullable: true),
                    Status = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, collation: "C"),
                    IsCompleted = table.Column<bool>(type: "boolean", nullable: false),
                    Priority = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, collation: "C"),
                    Details = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Type = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, collation: "C"),
                    ReminderAt = table.Column<long>(type: "bigint", nullable: true),
                    WhoId = table.Column<string>(type: "character varying(18)", maxLength: 18, nullable: true, collation: "C"),
                    WhoName = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, collation: "C"),
                    WhatId = table.Column<string>(type: "character varying(18)", maxLength: 18, nullable: true, collation: "C"),
                    WhatName = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, collation: "C"),
                    CallResult = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true, collation: "C"),
                    CompletedAt = table.Column<long>(type: "bigint", nullable: true),
                    Origin = table.Column<int>(type: "integer", nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    UpdatedAt = table.Column<long>(type: "bigint", nullable: false),
                    Revision = table.Column<long>(type: "bigint", nullable: false),
                    RemovedAt = table.Column<long>(type: "bigint", nullable: true),
                    Removal = table.Column<int>(type: "integer", nullable: true),
                    EditTimes = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Tasks", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Tasks_People_PersonId",
                        column: x => x.PersonId,
                        principalTable: "People",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Readers",
                columns: table => new
                {
                    ConnectionId = table.Column<Guid>(type: "uuid", nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(18)", maxLength: 18, nullable: false, collation: "C"),
                    SignIn = table.Column<int>(type: "integer", nullable: false),
                    SealedKey = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    StateReason = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true, collation: "C"),
                    StateSince = table.Column<long>(type: "bigint", nullable: false),
                    Fast = table.Column<long>(type: "bigint", nullable: false),
                    SweepUpdated = table.Column<long>(type: "bigint", nullable: false),
                    SweepDeleted = table.Column<long>(type: "bigint", nullable: false),
                    SweptAt = table.Column<long>(type: "bigint", nullable: false),
                    Roster = table.Column<long>(type: "bigint", nullable: false),
                    ChecksJson = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CheckedAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Readers", x => x.ConnectionId);
                    table.ForeignKey(
                        name: "FK_Readers_Connections_ConnectionId",
                        column: x => x.ConnectionId,
                        principalTable: "Connections",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Links",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    TaskId = table.Column<Guid>(type: "uuid", nullable: false),
                    ConnectionId = table.Column<Guid>(type: "uuid", nullable: false),
                    OrganizationId = table.Column<string>(type: "character varying(18)", maxLength: 18, nullable: false, collation: "C"),
                    SalesforceId = table.Column<string>(type: "character varying(18)", maxLength: 18, nullable: true, collation: "C"),
                    Key = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    BaseJson = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    AgreedGone = table.Column<bool>(type: "boolean", nullable: false),
                    GoneConfirmedAt = table.Column<long>(type: "bigint", nullable: true),
                    DeletionAllowed = table.Column<long>(type: "bigint", nullable: true),
                    ObservedModstamp = table.Column<long>(type: "bigint", nullable: true),
                    WrittenAt = table.Column<long>(type: "bigint", nullable: true),
                    AttemptsJson = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    UnknownUntil = table.Column<long>(type: "bigint", nullable: true),
                    PushMemoryJson = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    BlockedFields = table.Column<int>(type: "integer", nullable: false),
                    Version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Links", x => x.Id);
                    table.UniqueConstraint("AK_Links_TaskId", x => x.TaskId);
                    table.ForeignKey(
                        name: "FK_Links_Connections_ConnectionId",
                        column: x => x.ConnectionId,
                        principalTable: "Connections",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_Links_Tasks_TaskId",
                        column: x => x.TaskId,
                        principalTable: "Tasks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "PendingWrites",
                columns: table => new
                {
                    TaskId = table.Column<Guid>(type: "uuid", nullable: false),
                    ConnectionId = table.Column<Guid>(type: "uuid", nullable: false),
                    QueuedAt = table.Column<long>(type: "bigint", nullable: false),
                    DueAt = table.Column<long>(type: "bigint", nullable: false),
                    Failures = table.Column<int>(type: "integer", nullable: false),
                    Refusals = table.Column<int>(type: "integer", nullable: false),
                    ProblemId = table.Column<Guid>(type: "uuid", nullable: true),
                    Version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PendingWrites", x => x.TaskId);
                    table.ForeignKey(
                        name: "FK_PendingWrites_Links_TaskId",
                        column: x => x.TaskId,
                        principalTable: "Links",
                        principalColumn: "TaskId",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.InsertData(
                table: "HealthMarks",
                columns: new[] { "Id", "At" },
                values: new object[] { 1, 621355968000000000L });

            migrationBuilder.CreateIndex(
                name: "IX_ApiUsage_Day",
                table: "ApiUsage",
                column: "Day");

            migrationBuilder.CreateIndex(
                name: "IX_Audits_ConnectionId_StartedAt",
                table: "Audits",
                columns: new[] { "ConnectionId", "StartedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Audits_StartedAt",
                table: "Audits",
                column: "StartedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Conflicts_PersonId_SettledAt",
                table: "Conflicts",
                columns: new[] { "PersonId", "SettledAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Conflicts_TaskId_SettledAt",
                table: "Conflicts",
                columns: new[] { "TaskId", "SettledAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Connections_OrganizationId_UserId_Kind",
                table: "Connections",
                columns: new[] { "OrganizationId", "UserId", "Kind" },
                unique: true,
                filter: "\"State\" <= 1");

            migrationBuilder.CreateIndex(
                name: "IX_Connections_PersonId_OrganizationId_UserId",
                table: "Connections",
                columns: new[] { "PersonId", "OrganizationId", "UserId" },
                unique: true,
                filter: "\"Kind\" = 0");

            migrationBuilder.CreateIndex(
                name: "IX_Connections_Shard_State",
                table: "Connections",
                columns: new[] { "Shard", "State" });

            migrationBuilder.CreateIndex(
                name: "IX_History_PersonId_At",
                table: "History",
                columns: new[] { "PersonId", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_History_TaskId_At",
                table: "History",
                columns: new[] { "TaskId", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_Links_ConnectionId_State",
                table: "Links",
                columns: new[] { "ConnectionId", "State" });

            migrationBuilder.CreateIndex(
                name: "IX_Links_ConnectionId_UnknownUntil",
                table: "Links",
                columns: new[] { "ConnectionId", "UnknownUntil" },
                filter: "\"UnknownUntil\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Links_OfRow",
                table: "Links",
                columns: new[] { "OrganizationId", "SalesforceId" });

            migrationBuilder.CreateIndex(
                name: "IX_Links_OrganizationId_Key",
                table: "Links",
                columns: new[] { "OrganizationId", "Key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Links_OrganizationId_SalesforceId",
                table: "Links",
                columns: new[] { "OrganizationId", "SalesforceId" },
                unique: true,
                filter: "\"State\" = 0 AND \"SalesforceId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_PendingWrites_ConnectionId_ProblemId_DueAt",
                table: "PendingWrites",
                columns: new[] { "ConnectionId", "ProblemId", "DueAt" });

            migrationBuilder.CreateIndex(
                name: "IX_People_SubjectId",
                table: "People",
                column: "SubjectId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Problems_PersonId_State",
                table: "Problems",
                columns: new[] { "PersonId", "State" });

            migrationBuilder.CreateIndex(
                name: "IX_Problems_TaskId",
                table: "Problems",
                column: "TaskId");

            migrationBuilder.CreateIndex(
                name: "IX_Readers_OrganizationId",
                table: "Readers",
                column: "OrganizationId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Runs_PersonId_StartedAt",
                table: "Runs",
                columns: new[] { "PersonId", "StartedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Runs_StartedAt",
                table: "Runs",
                column: "StartedAt");

            migrationBuilder.CreateIndex(
                name: "IX_SignIns_PersonId",
                table: "SignIns",
                column: "PersonId");

            migrationBuilder.CreateIndex(
                name: "IX_Tasks_PersonId_RemovedAt_IsCompleted_DueDate",
                table: "Tasks",
                columns: new[] { "PersonId", "RemovedAt", "IsCompleted", "DueDate" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Allowances");

            migrationBuilder.DropTable(
                name: "ApiUsage");

            migrationBuilder.DropTable(
                name: "Audits");

            migrationBuilder.DropTable(
                name: "Conflicts");

            migrationBuilder.DropTable(
                name: "Control");

            migrationBuilder.DropTable(
                name: "Cursors");

            migrationBuilder.DropTable(
                name: "DataProtectionKeys");

            migrationBuilder.DropTable(
                name: "Fences");

            migrationBuilder.DropTable(
                name: "HealthMarks");

            migrationBuilder.DropTable(
                name: "History");

            migrationBuilder.DropTable(
                name: "InitialSyncs");

            migrationBuilder.DropTable(
                name: "OrgTests");

            migrationBuilder.DropTable(
                name: "PendingWrites");

            migrationBuilder.DropTable(
                name: "Problems");

            migrationBuilder.DropTable(
                name: "Readers");

            migrationBuilder.DropTable(
                name: "Runs");

            migrationBuilder.DropTable(
                name: "SignIns");

            migrationBuilder.DropTable(
                name: "Links");

            migrationBuilder.DropTable(
                name: "Connections");

            migrationBuilder.DropTable(
                name: "Tasks");

            migrationBuilder.DropTable(
                name: "People");
        }
    }
}
