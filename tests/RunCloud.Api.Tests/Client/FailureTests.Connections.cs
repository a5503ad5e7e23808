using System.Collections;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <content>Connections that fail or break off, and answers that do not come.</content>
public sealed partial class FailureTests
{
    [Fact]
    public async Task A_connection_that_cannot_be_made_is_tried_again()
    {
        var handler = new StubHandler((_, _) => throw new HttpRequestException(
            HttpRequestError.ConnectionError, "Connection refused (example.test:443)", new SocketException((int)SocketError.ConnectionRefused)));

        var failure = await FailAsync(handler);

        Assert.Equal(RunCloudError.ConnectionFailed, failure.Error);
        Assert.Null(failure.Status);
        Assert.False(failure.MayHaveActed);
        Assert.Contains("https://manage.runcloud.io", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Tries, handler.Requests.Count);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_not_tried_again()
    {
        var handler = new StubHandler((_, _) => throw new HttpRequestException(
            HttpRequestError.SecureConnectionError, "The SSL connection could not be established.", new System.Security.Authentication.AuthenticationException("The remote certificate is invalid.")));

        var failure = await FailAsync(handler);

        Assert.Equal(RunCloudError.ConnectionFailed, failure.Error);
        Assert.Contains("certificate is invalid", failure.Message, StringComparison.Ordinal);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task A_connection_that_breaks_before_the_answer_may_have_acted()
    {
        var failure = await FailAsync(new StubHandler((_, _) => throw new HttpRequestException(
            HttpRequestError.ResponseEnded, "The response ended prematurely.", new IOException("Broken pipe"))));

        Assert.Equal(RunCloudError.ConnectionFailed, failure.Error);
        Assert.True(failure.MayHaveActed);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_invalid_and_tried_again()
    {
        var handler = new StubHandler(_ => new HttpResponseMessage { Content = new BreakingContent("{\"id\":3,") });

        var failure = await FailAsync(handler);

        Assert.Equal(RunCloudError.InvalidResponse, failure.Error);
        Assert.Equal(200, failure.Status);
        Assert.True(failure.MayHaveActed);
        Assert.Equal(Tries, handler.Requests.Count);
    }

    [Fact]
    public async Task A_missing_answer_times_out_and_the_request_is_repeated()
    {
        var time = new FakeTimeProvider();
        var handler = Hanging(time, TimeSpan.FromSeconds(30), beforeHeaders: true);

        var failure = await FailAsync(handler, time: time);

        Assert.Equal(RunCloudError.RequestTimeout, failure.Error);
        Assert.Null(failure.Status);
        Assert.Contains("30 seconds", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Tries, handler.Requests.Count);
    }

    [Fact]
    public async Task An_answer_whose_body_does_not_end_in_time_is_given_up()
    {
        var time = new FakeTimeProvider();

        var failure = await FailAsync(Hanging(time, TimeSpan.FromSeconds(30), beforeHeaders: false), time: time);

        Assert.Equal(RunCloudError.RequestTimeout, failure.Error);
        Assert.Equal(200, failure.Status);
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_told_nothing_else()
    {
        using var source = new CancellationTokenSource();
        var handler = new StubHandler(async (_, cancellation) =>
        {
            await source.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellation);
            throw new InvalidOperationException("Never comes here.");
        });
        using var client = Create(handler);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetServerAsync(3, source.Token));

        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task A_failure_after_a_cancellation_is_a_cancellation()
    {
        // The old framework's reads never say that they were given up.
        (bool InBody, Exception Exception)[] breaks =
        [
            (false, new HttpRequestException("sending")),
            (false, new IOException("sending")),
            (true, new HttpRequestException("reading")),
            (true, new IOException("reading")),
            (true, new ObjectDisposedException("stream")),
            (true, new JsonException("cut off")),
        ];
        foreach (var (inBody, exception) in breaks)
        {
            using var source = new CancellationTokenSource();
            var handler = new StubHandler(_ =>
            {
                var content = new BreakingContent("{", Cancelled);
                return inBody ? new HttpResponseMessage { Content = content } : throw Cancelled();

                Exception Cancelled()
                {
                    source.Cancel();
                    return exception;
                }
            });
            using var client = Create(handler);

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetServerAsync(3, source.Token));
            Assert.Single(handler.Requests);
        }
    }

    private sealed class Observer : IRequestObserver
    {
        internal List<RequestTrace> Traces { get; } = [];

        /// <summary>What is done when a wait until then is announced.</summary>
        internal Action<DateTimeOffset> OnWait { get; init; } = _ => { };

        public bool WantsHeaders => true;

        public void OnRequest(RequestTrace trace) => Traces.Add(trace);

        public void OnRateWait(DateTimeOffset until) => OnWait(until);

        public void OnRateWaitOver()
        {
        }

        public void OnServerWait(DateTimeOffset until) => OnWait(until);
    }
}
