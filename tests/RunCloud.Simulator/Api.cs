using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace RunCloud.Simulator;

/// <summary>
/// The endpoints: a request goes in, an answer comes out, and the fleet is changed in between.
/// Knows nothing of connections, limits or faults. The source of each path, status and text is <c>runcloud-api-v3.md</c>;
/// the messages of validation are those of the framework whose traces the documentation shows.
/// </summary>
internal sealed partial class Api(SimulatorOptions options, Fleet fleet, Func<Uri> host)
{
    internal const string Root = "/api/v3";

    // A row of the credential list with an RSA key, rounded up: what a page's buffer is sized by.
    private const int TypicalRowBytes = 800;

    private readonly ApiJson _json = new(options);

    /// <summary>Answers a request whose token was right.</summary>
    /// <param name="request">The request.</param>
    /// <param name="pretend">To answer as usual and change nothing.</param>
    internal Answer Handle(RecordedRequest request, bool pretend)
    {
        if (!request.Path.StartsWith(Root + "/", StringComparison.Ordinal))
        {
            return NotFound();
        }

        var parts = request.Path[(Root.Length + 1)..].Split('/');
        if (parts is ["servers", not "shared" and var id, ..])
        {
            return TryId(id, out var number) && fleet.TryGet(number, out var server)
                ? HandleServer(request, parts[2..], server, pretend)
                : NotFound();
        }

        return (request.Method, parts) switch
        {
            ("GET", ["ping"]) => Answer.Message(200, "pong"),
            ("GET", ["servers"]) => Servers(request, shared: false),
            ("GET", ["servers", "shared"]) => Servers(request, shared: true),
            _ => parts is ["ping"] or ["servers"] or ["servers", "shared"] ? NotAllowed(request, "GET") : NotFound(),
        };
    }

    private Answer HandleServer(RecordedRequest request, string[] parts, ServerState server, bool pretend)
    {
        return (request.Method, parts) switch
        {
            ("GET", []) => One(_json.Server, server.Server),
            ("GET", ["ssh", "credentials"]) => Page(
                request,
                server.Credentials,
                search => credential => Holds(credential.Label, search) || Holds(credential.User, search),
                _json.CredentialRow),
            ("POST", ["ssh", "credentials"]) => AddCredential(request, server, pretend),
            ("GET", ["ssh", "credentials", var id]) => Find(server.Credentials, id, credential => credential.Id) is { } credential
                ? One(_json.Credential, credential)
                : NotFound(),
            ("DELETE", ["ssh", "credentials", var id]) => DeleteCredential(server, id, pretend),
            ("GET", ["ssh", "sessions"]) => Sessions(server),
            ("GET", ["settings", "ssh"]) => One(_json.Settings, server.Settings),
            ("PATCH", ["settings", "ssh"]) => ChangeSettings(request, server, pretend, settings => One(_json.Settings, settings)),
            ("PATCH", ["ssh", "config"]) => ChangeSettings(
                request,
                server,
                pretend,
                settings => _json.Answer(200, json => _json.Config(json, server.Server, settings))),
            ("GET", ["users"]) => Page(request, server.Users, search => user => Holds(user.Username, search), _json.UserRow),
            ("POST", ["users"]) => AddUser(request, server, pretend),
            ("GET", ["users", var id]) => WithUser(server, id, user => user, (_, _) => { }),
            ("DELETE", ["users", var id]) => DeleteUser(server, id, pretend),
            ("PATCH", ["users", var id, "password"]) => ChangePassword(request, server, id),
            ("PATCH", ["users", var id, "deploymentkey"]) => ChangeDeploymentKey(server, id, pretend),
            ("GET", ["logs"]) => Page(request, server.Log, search => entry => Holds(entry.Content, search), _json.LogEntry),
            _ => Allowed(parts) is { } allowed ? NotAllowed(request, allowed) : NotFound(),
        };
    }

    private static string? Allowed(string[] parts) => parts switch
    {
        [] or ["logs"] or ["ssh", "sessions"] => "GET",
        ["ssh", "credentials"] or ["users"] => "GET, POST",
        ["ssh", "credentials", _] or ["users", _] => "GET, DELETE",
        ["settings", "ssh"] => "GET, PATCH",
        ["ssh", "config"] or ["users", _, "password" or "deploymentkey"] => "PATCH",
        _ => null,
    };

    private Answer Servers(RecordedRequest request, bool shared)
    {
        var servers = fleet.States.Where(state => state.Server.Shared == shared).Select(state => state.Server);
        return Page(request, servers, search => server => Holds(server.Name, search), _json.Server);
    }

    private Answer Sessions(ServerState server) => _json.Answer(200, json =>
    {
        json.WriteStartArray();
        foreach (var session in server.Sessions)
        {
            _json.Session(json, session);
        }

        json.WriteEndArray();
    });

    private Answer AddCredential(RecordedRequest request, ServerState server, bool pretend)
    {
        var input = new Input(request.Body);
        var label = input.Required("label");
        var username = input.Required("username");
        var publicKey = input.Required("publicKey", "public key");
        var temporary = (input.Boolean("temporary") ?? false) && !options.IgnoreTemporary;
        if (label is not null && !LabelPattern().IsMatch(label))
        {
            input.Fail("label", "The label format is invalid.");
        }

        if (publicKey is not null && !TestKeys.LooksLikeKey(options.AcceptKeyOptions ? TestKeys.WithoutOptions(publicKey) : publicKey))
        {
            input.Fail("publicKey", "The public key format is invalid.");
        }

        return fleet.Change(nextId =>
        {
            if (label is not null && server.HasLabel(label))
            {
                input.Fail("label", "The label has already been taken.");
            }

            if (username is not null && !server.HasUser(username))
            {
                input.Fail("username", "The selected username is invalid.");
            }

            if (input.Failure() is { } failure)
            {
                return failure;
            }

            var credential = new FleetCredential(nextId(), server.Server.Id, label!, username!, publicKey!, temporary, Now());
            if (!pretend)
            {
                server.Add(credential);
                Log(server, $"Added SSH key {label} for system user {username}");
            }

            return One(_json.Credential, credential, options.CreatedStatus);
        });
    }

    private Answer DeleteCredential(ServerState server, string id, bool pretend) => fleet.Change(_ =>
    {
        if (Find(server.Credentials, id, credential => credential.Id) is not { } credential)
        {
            return NotFound();
        }

        var offline = server.Answers ? OfflineDelete.Deletes : options.OfflineDelete;
        if (offline == OfflineDelete.Hangs)
        {
            return new Answer(0, default) { Never = true };
        }

        if (offline == OfflineDelete.Fails)
        {
            return Answer.Message(500, "Server Error");
        }

        if (offline == OfflineDelete.Deletes && !pretend)
        {
            server.Credentials = server.Credentials.Remove(credential);
            Log(server, $"Deleted SSH key {credential.Label} of system user {credential.User}");
        }

        return options.DeletionAnswer == DeletionAnswer.NoContent
            ? new Answer(204, default) { ContentType = null }
            : One(_json.Credential, credential);
    });

    private Answer ChangeSettings(RecordedRequest request, ServerState server, bool pretend, Func<FleetSshSettings, Answer> answer)
    {
        var input = new Input(request.Body);
        var passwordlessLogin = input.Boolean("passwordlessLogin", "passwordless login", required: true);
        var useDns = input.Boolean("useDns", "use dns", required: true);
        var preventRootLogin = input.Boolean("preventRootLogin", "prevent root login", required: true);
        if (input.Failure() is { } failure)
        {
            return failure;
        }

        var settings = new FleetSshSettings(passwordlessLogin!.Value, useDns!.Value, preventRootLogin!.Value, Now());
        if (!pretend)
        {
            fleet.Change(_ =>
            {
                Log(server, "Updated SSHD Config");
                return server.Settings = settings;
            });
        }

        return answer(settings);
    }

    private Answer AddUser(RecordedRequest request, ServerState server, bool pretend)
    {
        var input = new Input(request.Body);
        var username = input.Required("username");
        if (username is not null && !UsernamePattern().IsMatch(username))
        {
            input.Fail("username", "The username format is invalid.");
        }

        return fleet.Change(nextId =>
        {
            if (username is not null && server.HasUser(username))
            {
                input.Fail("username", "The username has already been taken.");
            }

            if (input.Failure() is { } failure)
            {
                return failure;
            }

            var user = new FleetUser(nextId(), username!, DeploymentKey: null, Deleteable: true, Now());
            return One(_json.User, pretend ? user : server.Add(user), options.CreatedStatus);
        });
    }

    private Answer DeleteUser(ServerState server, string id, bool pretend)
    {
        if (Find(server.Users, id, user => user.Id) is { Deleteable: false })
        {
            return Answer.Message(403, "This action is unauthorized.");
        }

        return WithUser(server, id, user => user, (user, _) =>
        {
            if (!pretend)
            {
                server.Users = server.Users.Remove(user);
                server.Credentials = server.Credentials.RemoveAll(credential => credential.User.Equals(user.Username, StringComparison.Ordinal));
            }
        });
    }

    private Answer ChangePassword(RecordedRequest request, ServerState server, string id)
    {
        var input = new Input(request.Body);
        input.Required("password");
        return input.Failure() ?? WithUser(server, id, user => user, (_, _) => { });
    }

    private Answer ChangeDeploymentKey(ServerState server, string id, bool pretend) => WithUser(
        server,
        id,
        user => user with
        {
            // A new key that is the same in every run.
            DeploymentKey = TestKeys.Line(
                SshKeyKind.Rsa2048,
                unchecked((user.Id * 7_919) + (user.DeploymentKey?.Sum(character => character) ?? 0)),
                $"GIT Deployment Key for user {user.Username}."),
        },
        (before, after) =>
        {
            if (!pretend)
            {
                server.Users = server.Users.Replace(before, after);
            }
        });

    private Answer WithUser(ServerState server, string id, Func<FleetUser, FleetUser> change, Action<FleetUser, FleetUser> keep) =>
        fleet.Change(_ =>
        {
            if (Find(server.Users, id, user => user.Id) is not { } before)
            {
                return NotFound();
            }

            var after = change(before);
            keep(before, after);
            return One(_json.User, after);
        });

    [GeneratedRegex("^[A-Za-z0-9_-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex LabelPattern();

    [GeneratedRegex("^[a-z_][a-z0-9_-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex UsernamePattern();

    /// <summary>The fields of a request's body and what is wrong with them.</summary>
    private sealed class Input
    {
        private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
        private readonly List<(string Field, string Message)> _failures = [];

        /// <summary>Reads a body. Anything but a JSON object has no fields, so required ones are missing, as in the framework.</summary>
        internal Input(string? body)
        {
            try
            {
                using var document = JsonDocument.Parse(string.IsNullOrEmpty(body) ? "{}" : body);
                if (document.RootElement.ValueKind == JsonValueKind.Object)
                {
                    foreach (var property in document.RootElement.EnumerateObject())
                    {
                        _fields[property.Name] = property.Value.Clone();
                    }
                }
            }
            catch (JsonException)
            {
                _fields.Clear();
            }
        }

        internal string? Required(string field, string? words = null)
        {
            var text = _fields.TryGetValue(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : string.Empty;
            if (text.Length > 0)
            {
                return text;
            }

            Fail(field, $"The {words ?? field} field is required.");
            return null;
        }

        internal bool? Boolean(string field, string? words = null, bool required = false)
        {
            if (!_fields.TryGetValue(field, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                if (required)
                {
                    Fail(field, $"The {words ?? field} field is required.");
                }

                return null;
            }

            switch (value.ValueKind)
            {
                case JsonValueKind.True:
                case JsonValueKind.False:
                    return value.GetBoolean();
                case JsonValueKind.Number when value.TryGetInt32(out var number) && number is 0 or 1:
                    return number == 1;
                default:
                    Fail(field, $"The {words ?? field} field must be true or false.");
                    return null;
            }
        }

        internal void Fail(string field, string message) => _failures.Add((field, message));

        internal Answer? Failure()
        {
            if (_failures.Count == 0)
            {
                return null;
            }

            var message = _failures[0].Message + (_failures.Count - 1) switch
            {
                0 => string.Empty,
                1 => " (and 1 more error)",
                var more => string.Create(CultureInfo.InvariantCulture, $" (and {more} more errors)"),
            };
            var errors = _failures
                .GroupBy(failure => failure.Field, failure => failure.Message, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
            return Answer.Text(StatusCodes.Status422UnprocessableEntity, JsonSerializer.Serialize(new { message, errors }));
        }
    }
}
