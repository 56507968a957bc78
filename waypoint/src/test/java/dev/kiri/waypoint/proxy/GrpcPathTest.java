package dev.kiri.waypoint.proxy;

import static dev.kiri.waypoint.testing.Config.backend;
import static dev.kiri.waypoint.testing.Config.prefix;
import static dev.kiri.waypoint.testing.Config.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.HttpTimeouts;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.PolicyOperation;
import dev.kiri.waypoint.config.v1.PolicyRule;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.WaypointFixture;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// HTTP/2 with prior knowledge, by a real gRPC client and server with the waypoint between them.
class GrpcPathTest {
  private static final MethodDescriptor<byte[], byte[]> UNARY =
      method("shop.Echo/Unary", MethodDescriptor.MethodType.UNARY);
  private static final MethodDescriptor<byte[], byte[]> NEVER =
      method("shop.Echo/Never", MethodDescriptor.MethodType.UNARY);
  private static final MethodDescriptor<byte[], byte[]> BIDI =
      method("shop.Echo/Bidi", MethodDescriptor.MethodType.BIDI_STREAMING);

  private final WaypointFixture waypoint = new WaypointFixture();
  private final Server server = server();
  private ManagedChannel channel = channelTo(new InetSocketAddress(0));

  private static MethodDescriptor<byte[], byte[]> method(
      String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setFullMethodName(name)
        .setType(type)
        .setRequestMarshaller(new Bytes())
        .setResponseMarshaller(new Bytes())
        .build();
  }

  private record Bytes() implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }
  }

  private static Server server() {
    var echo =
        ServerServiceDefinition.builder("shop.Echo")
            .addMethod(UNARY, ServerCalls.asyncUnaryCall(GrpcPathTest::unary))
            .addMethod(NEVER, ServerCalls.asyncUnaryCall((_, _) -> {}))
            .addMethod(BIDI, ServerCalls.asyncBidiStreamingCall(GrpcPathTest::bidi))
            .build();
    try {
      return NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .addService(echo)
          .maxInboundMessageSize(64 << 20)
          .build()
          .start();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static void unary(byte[] request, StreamObserver<byte[]> answer) {
    if (request.length == 0) {
      answer.onError(Status.NOT_FOUND.withDescription("no such thing").asRuntimeException());
    } else {
      answer.onNext(request);
      answer.onCompleted();
    }
  }

  private static StreamObserver<byte[]> bidi(StreamObserver<byte[]> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] value) {
        answer.onNext(value);
      }

      @Override
      public void onError(Throwable gone) {}

      @Override
      public void onCompleted() {
        answer.onCompleted();
      }
    };
  }

  private static ManagedChannel channelTo(InetSocketAddress address) {
    return NettyChannelBuilder.forAddress(address)
        .usePlaintext()
        .maxInboundMessageSize(64 << 20)
        .build();
  }

  @BeforeEach
  void start() {
    waypoint
        .service("echo", (InetSocketAddress) server.getListenSockets().getFirst())
        .apply(Config.declared("echo", Protocol.GRPC));
    channel.shutdownNow();
    channel = channelTo(waypoint.front("echo"));
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    waypoint.close();
  }

  private byte[] call(byte[] request) {
    return ClientCalls.blockingUnaryCall(
        channel, UNARY, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), request);
  }

  private Status refusal(byte[] request) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> call(request)).getStatus();
  }

  @Test
  void calls_share_a_connection() {
    for (int i = 1; i < 50; i++) {
      assertThat(call(new byte[i])).hasSize(i);
    }
    await().until(() -> waypoint.observer().requests().size() == 49);
    assertThat(waypoint.observer().requests())
        .allSatisfy(report -> assertThat(report.grpcStatus()).isEqualTo("0"));
  }

  @Test
  void status_and_message_travel_in_the_trailers() {
    Status status = refusal(new byte[0]);

    assertThat(status.getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(status.getDescription()).isEqualTo("no such thing");
  }

  @Test
  void a_message_larger_than_every_window_arrives_whole() {
    byte[] large = new byte[16 << 20];
    large[large.length - 1] = 7;

    assertThat(call(large)).isEqualTo(large);
  }

  @Test
  void streams_run_in_both_directions_at_once() throws Exception {
    List<byte[]> received = new CopyOnWriteArrayList<>();
    var done = new CountDownLatch(1);
    var requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(BIDI, CallOptions.DEFAULT),
            new StreamObserver<byte[]>() {
              @Override
              public void onNext(byte[] value) {
                received.add(value);
              }

              @Override
              public void onError(Throwable broken) {
                done.countDown();
              }

              @Override
              public void onCompleted() {
                done.countDown();
              }
            });

    for (int i = 0; i < 500; i++) {
      requests.onNext(new byte[1000]);
    }
    await().until(() -> received.size() == 500);
    requests.onCompleted();

    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void a_denied_call_is_told_so_by_grpc_status() {
    waypoint.apply(
        Config.policy(
            "deny",
            AuthorizationPolicy.newBuilder()
                .setAction(AuthorizationPolicy.Action.DENY)
                .addRules(
                    PolicyRule.newBuilder()
                        .addTo(PolicyOperation.newBuilder().addPaths("/shop.Echo/*")))));

    Status status = refusal(new byte[1]);

    assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(status.getDescription()).isEqualTo("RBAC: access denied");
  }

  @Test
  void a_call_that_no_rule_matches_is_unimplemented() {
    waypoint.apply(
        Config.route(
            "other", "echo", 80, rule(prefix("/other")).addBackends(backend("echo", 1)).build()));

    assertThat(refusal(new byte[1]).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @ParameterizedTest
  @MethodSource("rulesWithoutABackend")
  void a_rule_without_a_backend_that_can_be_had_is_unavailable(HttpRule rule) {
    waypoint.apply(Config.route("none", "echo", 80, rule));

    assertThat(refusal(new byte[1]).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  static List<HttpRule> rulesWithoutABackend() {
    var missing = Invalid.newBuilder().setReason("BackendNotFound");
    return List.of(
        rule().build(),
        rule().addBackends(backend("echo", 0)).build(),
        rule().addBackends(HttpBackend.newBuilder().setInvalid(missing).setWeight(1)).build(),
        rule().setInvalid(missing).build());
  }

  @Test
  void an_endpoint_that_is_gone_is_unavailable() throws Exception {
    assertThat(call(new byte[1])).hasSize(1);
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);

    assertThat(refusal(new byte[1]).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void a_drained_waypoint_says_goaway_and_finishes_what_runs() throws Exception {
    assertThat(call(new byte[1])).hasSize(1);
    waypoint.tunnels().drain();

    await().until(() -> refusal(new byte[1]).getCode() == Status.Code.UNAVAILABLE);
  }

  /// The client itself waits for ever and says that it does not.
  @ParameterizedTest
  @CsvSource({
    "100m, 0,   DEADLINE_EXCEEDED",
    "100m, 5000, DEADLINE_EXCEEDED",
    "9H,   100, UNAVAILABLE"
  })
  void a_deadline_of_the_client_counts_where_it_is_shorter(
      String deadline, int ruled, Status.Code code) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER), deadline);
    waypoint.apply(
        Config.route(
            "slow",
            "echo",
            80,
            rule()
                .addBackends(backend("echo", 1))
                .setTimeouts(HttpTimeouts.newBuilder().setRequest(Config.millis(ruled)))
                .build()));
    var slow =
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));

    StatusRuntimeException late =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> ClientCalls.blockingUnaryCall(slow, NEVER, CallOptions.DEFAULT, new byte[1]));

    assertThat(late.getStatus().getCode()).isEqualTo(code);
    assertThat(late.getStatus().getDescription()).isEqualTo("upstream request timeout");
    await().until(() -> waypoint.observer().requests().size() == 1);
    assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("UT");
  }
}
