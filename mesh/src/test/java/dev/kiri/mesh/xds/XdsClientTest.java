package dev.kiri.mesh.xds;

import static dev.kiri.mesh.testing.Wire.address;
import static dev.kiri.mesh.testing.Wire.pod;
import static dev.kiri.mesh.testing.Wire.resource;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.kiri.mesh.grpc.ControlPlaneEndpoint;
import dev.kiri.mesh.grpc.ControlPlaneLoop;
import dev.kiri.mesh.grpc.RootSource;
import dev.kiri.mesh.grpc.TokenSource;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryRequest;
import dev.kiri.mesh.proto.discovery.Resource;
import dev.kiri.mesh.proto.security.Authorization;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.testing.FakeAds;
import dev.kiri.mesh.testing.FakeAuthority;
import dev.kiri.mesh.testing.FakeControlPlane;
import dev.kiri.mesh.xds.XdsObserver.Termination;
import io.grpc.Metadata;
import io.grpc.Status;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The client against a control plane on loopback. Cases of istio/ztunnel `src/xds/client.rs`.
class XdsClientTest {
  private static final String ADDRESS = WorkloadSubscription.ADDRESS;
  private static final String AUTHORIZATION = WorkloadSubscription.AUTHORIZATION;

  private final FakeControlPlane controlPlane = FakeControlPlane.start();
  private final ControlPlaneLoop loop = new ControlPlaneLoop();
  private final MeshStore store = new MeshStore();
  private final List<String> ends = new CopyOnWriteArrayList<>();
  private final List<Termination> reasons = new CopyOnWriteArrayList<>();
  private final XdsObserver observer =
      new XdsObserver() {
        @Override
        public void terminated(Termination reason, String text) {
          reasons.add(reason);
          ends.add(text);
        }
      };
  private XdsClient client = client(controlPlane.endpoint());

  private XdsClient client(ControlPlaneEndpoint endpoint) {
    var node =
        NodeDescription.of(
            "ztunnel", "192.0.2.1", "zt", "istio-system", "node-1", Map.of("CLUSTER_ID", "k"));
    var settings =
        new XdsSettings(
            endpoint, node, Duration.ofMillis(5), Duration.ofMillis(50), Duration.ofSeconds(30));
    return new XdsClient(loop, settings, WorkloadSubscription.of(store), observer);
  }

  @AfterEach
  void stop() {
    client.close();
    controlPlane.close();
    loop.close();
  }

  private void restart(ControlPlaneEndpoint endpoint) {
    client.close();
    client = client(endpoint);
    client.start();
  }

  private static DeltaDiscoveryRequest skipSubscriptions(FakeAds.Stream stream) {
    var first = stream.nextRequest();
    stream.nextRequest();
    return first;
  }

  private static Resource undecodable(String name, String version) {
    return resource(ADDRESS, name, version, Authorization.getDefaultInstance()).toBuilder()
        .setResource(
            Any.newBuilder()
                .setTypeUrl(ADDRESS)
                .setValue(ByteString.copyFrom(new byte[] {1, 2, 3})))
        .build();
  }

  @Test
  void asks_for_addresses_and_then_policies_and_says_who_it_is() {
    client.start();

    var stream = controlPlane.ads().nextStream();
    var addresses = stream.nextRequest();
    var policies = stream.nextRequest();

    assertThat(addresses.getTypeUrl()).isEqualTo(ADDRESS);
    assertThat(policies.getTypeUrl()).isEqualTo(AUTHORIZATION);
    assertThat(List.of(addresses, policies))
        .allSatisfy(
            request -> {
              assertThat(request.getResourceNamesSubscribeList()).isEmpty();
              assertThat(request.getResourceNamesUnsubscribeList()).isEmpty();
              assertThat(request.getInitialResourceVersionsMap()).isEmpty();
              assertThat(request.getNode().getId())
                  .isEqualTo("ztunnel~192.0.2.1~zt.istio-system~istio-system.svc.cluster.local");
              var metadata = request.getNode().getMetadata().getFieldsMap();
              assertThat(metadata.get("NODE_NAME").getStringValue()).isEqualTo("node-1");
              assertThat(metadata.get("INSTANCE_IPS").getStringValue()).isEqualTo("192.0.2.1");
              assertThat(metadata.get("CLUSTER_ID").getStringValue()).isEqualTo("k");
            });
  }

  @Test
  void is_in_sync_when_both_types_were_accepted_and_not_before() {
    client.start();
    var stream = controlPlane.ads().nextStream();
    skipSubscriptions(stream);

    String nonce =
        stream.push(
            ADDRESS, List.of(resource(address(pod("ns", "a", "192.0.2.7")), "v")), List.of());
    var ack = stream.nextRequest();
    boolean early = client.synced().isDone();
    stream.push(AUTHORIZATION, List.of(), List.of());
    stream.nextRequest();

    assertThat(early).isFalse();
    assertThat(ack)
        .isEqualTo(
            DeltaDiscoveryRequest.newBuilder().setTypeUrl(ADDRESS).setResponseNonce(nonce).build());
    assertThat(client.synced()).succeedsWithin(Duration.ofSeconds(5));
    assertThat(store.current().workload("Kubernetes//Pod/ns/a")).isNotNull();
  }

  @Test
  void a_response_with_a_bad_resource_is_refused_and_its_good_ones_stay() {
    client.start();
    var stream = controlPlane.ads().nextStream();
    skipSubscriptions(stream);

    stream.push(
        ADDRESS,
        List.of(
            resource(address(pod("ns", "a", "192.0.2.7")), "1"),
            resource(ADDRESS, "ns/none", "1", Address.getDefaultInstance()),
            Resource.newBuilder().setName("empty").build(),
            resource(address(pod("ns", "b", "192.0.2.8")), "1")),
        List.of());
    var refusal = stream.nextRequest();
    stream.push(AUTHORIZATION, List.of(), List.of());
    stream.nextRequest();

    assertThat(refusal.hasErrorDetail()).isTrue();
    assertThat(refusal.getErrorDetail().getCode()).isZero();
    assertThat(refusal.getErrorDetail().getMessage())
        .isEqualTo("ns/none: unknown address type; empty: XDS payload without resource");
    assertThat(store.current().workloadCount()).isEqualTo(2);
    assertThat(client.synced()).isNotDone();
  }

  @Test
  void tells_the_next_connection_what_it_holds_and_asks_again_for_what_it_refused() {
    client.start();
    var stream = controlPlane.ads().nextStream();
    skipSubscriptions(stream);
    stream.push(
        ADDRESS,
        List.of(
            resource(address(pod("ns", "a", "192.0.2.7")), "0.0.1"), undecodable("bad", "9.9.9")),
        List.of());
    var refusal = stream.nextRequest();

    stream.fail(Status.UNAVAILABLE.withDescription("transport is closing"));
    var again = controlPlane.ads().nextStream();
    var addresses = again.nextRequest();
    var policies = again.nextRequest();

    assertThat(refusal.getErrorDetail().getMessage()).startsWith("bad: ");
    assertThat(addresses.getInitialResourceVersionsMap())
        .containsExactlyEntriesOf(Map.of("Kubernetes//Pod/ns/a", "0.0.1"));
    assertThat(policies.getInitialResourceVersionsMap()).isEmpty();
    assertThat(addresses.getNode().getId()).isNotEmpty();
    assertThat(reasons).containsExactly(Termination.RECONNECT);
  }

  @Test
  void keeps_what_it_knows_when_the_stream_breaks_and_takes_removals_on_the_next() {
    client.start();
    var stream = controlPlane.ads().nextStream();
    skipSubscriptions(stream);
    stream.push(ADDRESS, List.of(resource(address(pod("ns", "a", "192.0.2.7")), "1")), List.of());
    stream.nextRequest();

    stream.fail(Status.INTERNAL.withDescription("broken"));
    var again = controlPlane.ads().nextStream();
    skipSubscriptions(again);
    int kept = store.current().workloadCount();
    again.push(ADDRESS, List.of(), List.of("Kubernetes//Pod/ns/a", "never/heard.of"));
    again.nextRequest();
    again.complete();
    var third = controlPlane.ads().nextStream().nextRequest();

    assertThat(kept).isEqualTo(1);
    assertThat(store.current().workloadCount()).isZero();
    assertThat(third.getInitialResourceVersionsMap()).isEmpty();
    assertThat(reasons).containsExactly(Termination.ERROR, Termination.COMPLETE);
  }

  @Test
  void acknowledges_a_type_it_did_not_ask_for() {
    client.start();
    var stream = controlPlane.ads().nextStream();
    skipSubscriptions(stream);

    stream.push(
        "type.googleapis.com/other",
        List.of(resource("x", "n", "", Address.getDefaultInstance())),
        List.of());
    var answer = stream.nextRequest();

    assertThat(answer.getTypeUrl()).isEqualTo("type.googleapis.com/other");
    assertThat(answer.hasErrorDetail()).isFalse();
  }

  @Test
  void takes_a_resource_that_does_not_say_its_type_and_refuses_one_of_another() {
    client.start();
    var stream = controlPlane.ads().nextStream();
    skipSubscriptions(stream);

    var pod = address(pod("ns", "a", "192.0.2.7"));
    stream.push(
        ADDRESS,
        List.of(
            resource("", "Kubernetes//Pod/ns/a", "", pod),
            resource(AUTHORIZATION, "ns/p", "", Authorization.getDefaultInstance())),
        List.of());
    var answer = stream.nextRequest();

    assertThat(store.current().workloadCount()).isEqualTo(1);
    assertThat(store.current().policies()).isEmpty();
    assertThat(answer.getErrorDetail().getMessage()).isEqualTo("ns/p: is of type " + AUTHORIZATION);
  }

  @Test
  void reads_ten_thousand_addresses_of_one_response() {
    client.start();
    var stream = controlPlane.ads().nextStream();
    skipSubscriptions(stream);

    var many = new ArrayList<Resource>();
    for (int i = 0; i < 10_000; i++) {
      many.add(resource(address(pod("ns", "p" + i, "192.0.2." + i % 250)), "v" + i));
    }
    stream.push(ADDRESS, many, List.of());
    stream.nextRequest();

    assertThat(store.current().workloadCount()).isEqualTo(10_000);
  }

  @Test
  void sends_the_token_the_cluster_and_custom_headers() {
    var plain = controlPlane.endpoint();
    restart(
        new ControlPlaneEndpoint(
            plain.uri(), null, plain.roots(), plain.token(), "east", Map.of("x-extra", "1")));
    controlPlane.ads().nextStream();

    var headers = controlPlane.headers().getLast();

    assertThat(headers.get(key("authorization"))).isEqualTo("Bearer token");
    assertThat(headers.get(key("clusterid"))).isEqualTo("east");
    assertThat(headers.get(key("x-extra"))).isEqualTo("1");
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @Test
  void reads_the_token_and_the_roots_again_for_each_connection(@TempDir Path folder)
      throws Exception {
    var token = folder.resolve("token");
    var roots = folder.resolve("root-cert.pem");
    var plain = controlPlane.endpoint();
    restart(
        new ControlPlaneEndpoint(
            plain.uri(),
            null,
            RootSource.parse(roots.toString()),
            new TokenSource.File(token),
            "Kubernetes",
            Map.of()));
    await().until(() -> ends.stream().anyMatch(text -> text.contains("root-cert.pem")));

    Files.writeString(token, "first");
    Files.writeString(roots, controlPlane.authority().rootPem());
    var stream = controlPlane.ads().nextStream();
    Files.writeString(token, "second");
    stream.complete();
    controlPlane.ads().nextStream();

    assertThat(controlPlane.headers().stream().map(it -> it.get(key("authorization"))).toList())
        .containsExactly("Bearer first", "Bearer second");
  }

  @Test
  void a_token_with_a_line_break_is_named_and_not_sent() {
    var plain = controlPlane.endpoint();
    restart(
        new ControlPlaneEndpoint(
            plain.uri(), null, plain.roots(), new TokenSource.Literal("a\n"), "k", Map.of()));

    await().until(() -> !ends.isEmpty());

    assertThat(ends.getFirst()).contains("has a character that no header may carry");
    assertThat(controlPlane.headers()).isEmpty();
  }

  @Test
  void does_not_speak_to_a_server_of_another_root() {
    var plain = controlPlane.endpoint();
    restart(
        new ControlPlaneEndpoint(
            plain.uri(),
            null,
            new RootSource.Inline(new FakeAuthority("other").rootPem()),
            plain.token(),
            "k",
            Map.of()));

    await().until(() -> !ends.isEmpty());

    assertThat(reasons.getFirst()).isEqualTo(Termination.CONNECTION_ERROR);
    assertThat(ends.getFirst())
        .startsWith(
            "XDS client connection error: gRPC connection error connecting to https://127.0.0.1:"
                + controlPlane.port()
                + ": status: Unavailable, message: \"");
    assertThat(controlPlane.headers()).isEmpty();
  }

  private ControlPlaneEndpoint byName(@Nullable String alternative) {
    var plain = controlPlane.endpoint();
    return new ControlPlaneEndpoint(
        URI.create("https://localhost:" + controlPlane.port()),
        alternative,
        plain.roots(),
        plain.token(),
        "k",
        Map.of());
  }

  @Test
  void does_not_speak_to_a_server_of_another_name() {
    restart(byName(null));

    await().until(() -> !ends.isEmpty());

    assertThat(ends.getFirst())
        .contains(
            "server certificate is for istiod.istio-system.svc, 127.0.0.1, expected localhost");
    assertThat(controlPlane.headers()).isEmpty();
  }

  @Test
  void speaks_to_a_server_of_the_alternative_name() {
    restart(byName(FakeControlPlane.NAME));

    controlPlane.ads().nextStream();
  }

  @Test
  void comes_back_after_the_control_plane_was_away() {
    client.start();
    controlPlane.ads().nextStream();
    int port = controlPlane.port();

    controlPlane.close();
    await().until(() -> reasons.contains(Termination.CONNECTION_ERROR));
    try (var next = FakeControlPlane.start(controlPlane.authority(), port)) {
      next.ads().nextStream();
    }
  }

  @Test
  void a_refused_stream_is_a_connection_error_with_a_hint() {
    controlPlane.ads().refuse(Status.UNAUTHENTICATED.withDescription("authentication failure"));
    client.start();

    await().atMost(5, TimeUnit.SECONDS).until(() -> !ends.isEmpty());

    assertThat(reasons.getFirst()).isEqualTo(Termination.CONNECTION_ERROR);
    assertThat(ends.getFirst())
        .contains(
            "status: Unauthenticated, message: \"authentication failure\" (hint: check the control"
                + " plane logs for more information)");
  }

  @Test
  void on_demand_nothing_but_what_is_wanted_is_asked_for() {
    var demands = new Demands();
    demand(demands);
    var stream = controlPlane.ads().nextStream();
    var first = stream.nextRequest();
    var policies = stream.nextRequest();

    assertThat(first.getResourceNamesSubscribeList()).containsExactly("*");
    assertThat(first.getResourceNamesUnsubscribeList()).containsExactly("*");
    assertThat(policies.getResourceNamesSubscribeList()).isEmpty();
    stream.push(AUTHORIZATION, List.of(), List.of());
    stream.nextRequest();
    await().until(client.synced()::isDone); // addresses are not waited for

    var found = demands.want("/192.0.2.7", Duration.ofSeconds(20)).toCompletableFuture();
    var absent = demands.want("/192.0.2.8", Duration.ofSeconds(20)).toCompletableFuture();
    var asked = new ArrayList<String>(stream.nextRequest().getResourceNamesSubscribeList());
    while (asked.size() < 2) {
      asked.addAll(stream.nextRequest().getResourceNamesSubscribeList());
    }
    assertThat(asked).containsExactlyInAnyOrder("/192.0.2.7", "/192.0.2.8");
    assertThat(found).isNotDone();
    stream.push(
        ADDRESS,
        List.of(
            resource(address(pod("ns", "p", "192.0.2.7")), "1").toBuilder()
                .addAliases("/192.0.2.7")
                .build()),
        List.of("/192.0.2.8"));

    assertThat(found).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(true);
    assertThat(absent).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(true);
    assertThat(store.current().workload("Kubernetes//Pod/ns/p")).isNotNull();
    assertThat(demands.want("/192.0.2.7", Duration.ofSeconds(20)).toCompletableFuture()).isDone();
  }

  @Test
  void a_new_connection_subscribes_to_what_was_wanted_before() {
    var demands = new Demands();
    demand(demands);
    var stream = controlPlane.ads().nextStream();
    skipSubscriptions(stream);
    var wanted = demands.want("ns/host", Duration.ofSeconds(20)).toCompletableFuture();
    stream.nextRequest();
    stream.fail(Status.UNAVAILABLE);

    var again = controlPlane.ads().nextStream();
    assertThat(again.nextRequest().getResourceNamesSubscribeList())
        .containsExactlyInAnyOrder("*", "ns/host");
    again.push(ADDRESS, List.of(), List.of("ns/host"));

    assertThat(wanted).succeedsWithin(Duration.ofSeconds(5));
  }

  @Test
  void whoever_wants_waits_for_a_bounded_time_and_names_are_bounded() {
    var demands = new Demands();

    assertThat(demands.want("ns/never", Duration.ofMillis(1)).toCompletableFuture())
        .succeedsWithin(Duration.ofSeconds(5))
        .isEqualTo(false);
    for (int i = 0; i < Demands.MAX_NAMES; i++) {
      demands.want("ns/" + i, Duration.ofMillis(1));
    }
    assertThat(demands.want("ns/more", Duration.ofHours(1)).toCompletableFuture())
        .isCompletedWithValue(false);
  }

  private void demand(Demands demands) {
    var node = NodeDescription.of("ztunnel", "192.0.2.1", "zt", "istio-system", "n", Map.of());
    var settings = XdsSettings.of(controlPlane.endpoint(), node);
    client = new XdsClient(loop, settings, WorkloadSubscription.of(store), observer, demands);
    client.start();
  }
}
