package dev.kiri.controlplane.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import dev.kiri.controlplane.caller.Caller;
import dev.kiri.mesh.proto.core.Node;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryRequest;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryResponse;
import dev.kiri.mesh.proto.discovery.Resource;
import dev.kiri.mesh.proto.rpc.Status;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.Workload;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Delta discovery, message by message (xds-and-ca.md 4).
class DiscoveryServerTest {
  private static final String TYPE = "type.googleapis.com/istio.workload.Address";
  private static final Caller ZTUNNEL =
      new Caller("istio-system", "ztunnel", "zt", "uid", Caller.Proof.TOKEN);

  private final ResourceTable table = new ResourceTable();
  private final AtomicBoolean ready = new AtomicBoolean(true);
  private final List<String> rejected = new CopyOnWriteArrayList<>();
  private final List<String> stale = new CopyOnWriteArrayList<>();
  private final List<String> versions = new CopyOnWriteArrayList<>();
  private final DiscoveryServer server =
      new DiscoveryServer(Map.of(TYPE, _ -> table), ready::get, observer(), "test");
  private AdsClient client;

  private DiscoveryObserver observer() {
    return new DiscoveryObserver() {
      @Override
      public void connected(String version) {
        versions.add(version);
      }

      @Override
      public void disconnected(String version) {
        versions.remove(version);
      }

      @Override
      public void asked(String typeUrl) {}

      @Override
      public void queued(long nanos) {}

      @Override
      public void sent(String typeUrl, int bytes, long nanos, long nanosSinceChange) {}

      @Override
      public void pushed(String typeUrl, long nanos) {}

      @Override
      public void rejected(String typeUrl, String message) {
        rejected.add(message);
      }

      @Override
      public void staleNonce(String typeUrl) {
        stale.add(typeUrl);
      }

      @Override
      public void internalError() {}
    };
  }

  @BeforeEach
  void connect() throws IOException {
    client = new AdsClient(server, ZTUNNEL);
  }

  @AfterEach
  void close() {
    client.close();
  }

  private static EncodedResource workload(String uid, String ip, String node, String... services) {
    Workload workload =
        Workload.newBuilder().setUid(uid).setName(ip).putAllServices(Map.of()).build();
    return EncodedResource.of(
        TYPE,
        uid,
        Address.newBuilder().setWorkload(workload).build(),
        List.of("/" + ip),
        Set.of(services),
        node);
  }

  private static DeltaDiscoveryRequest.Builder first(String... names) {
    return DeltaDiscoveryRequest.newBuilder()
        .setNode(AdsClient.node("istio-system", "node-1"))
        .setTypeUrl(TYPE)
        .addAllResourceNamesSubscribe(List.of(names));
  }

  private static List<String> names(DeltaDiscoveryResponse response) {
    return response.getResourcesList().stream().map(Resource::getName).sorted().toList();
  }

  @Test
  void a_wildcard_client_gets_everything_then_what_changes_and_what_goes() throws Exception {
    table.update(
        List.of(workload("a", "192.0.2.1", ""), workload("b", "192.0.2.2", "")), List.of());
    client.send(first());
    DeltaDiscoveryResponse all = client.next();
    assertThat(names(all)).containsExactly("a", "b");
    assertThat(all.getResources(0).getAliasesList()).hasSize(1);
    client.ack(all);

    table.update(List.of(workload("b", "192.0.2.3", "")), List.of());
    DeltaDiscoveryResponse changed = client.next();
    assertThat(names(changed)).containsExactly("b");
    client.ack(changed);

    table.update(List.of(), List.of("a"));
    assertThat(client.next().getRemovedResourcesList()).containsExactly("a");
  }

  @Test
  void a_client_counts_from_its_first_message_until_its_stream_ends() throws Exception {
    client.send(first("*"));
    client.next();
    assertThat(versions).containsExactly("1.30");

    client.disconnect();
    await().until(versions::isEmpty);
  }

  @Test
  void an_empty_table_is_answered_too() throws Exception {
    client.send(first("*"));

    DeltaDiscoveryResponse response = client.next();
    assertThat(response.getResourcesCount()).isZero();
    assertThat(response.getNonce()).isNotEmpty();
  }

  @Test
  void a_type_that_is_not_served_is_not_answered_as_if_there_were_none_of_it() throws Exception {
    client.send(first().setTypeUrl("type.googleapis.com/kiri.waypoint.v2.Resource"));
    client.send(first());

    assertThat(client.next().getTypeUrl()).isEqualTo(TYPE);
    assertThat(client.responses).isEmpty();
  }

  @Test
  void a_reconnect_with_unchanged_state_transfers_nothing_and_tells_what_is_gone()
      throws Exception {
    EncodedResource held = workload("a", "192.0.2.1", "");
    table.update(List.of(held), List.of());

    client.send(
        first("*")
            .putInitialResourceVersions("a", held.version())
            .putInitialResourceVersions("gone", "1"));

    DeltaDiscoveryResponse response = client.next();
    assertThat(response.getResourcesCount()).isZero();
    assertThat(response.getRemovedResourcesList()).containsExactly("gone");
  }

  @Test
  void equal_content_has_an_equal_version() {
    assertThat(workload("a", "192.0.2.1", "").version())
        .isEqualTo(workload("a", "192.0.2.1", "").version())
        .isNotEqualTo(workload("a", "192.0.2.2", "").version());
  }

  @Test
  void an_on_demand_client_gets_names_aliases_members_and_its_nodes_pods() throws Exception {
    table.update(
        List.of(
            workload("ns/svc", "198.51.100.1", ""),
            workload("member", "192.0.2.1", "node-2", "ns/svc"),
            workload("local", "192.0.2.2", "node-1"),
            workload("other", "192.0.2.3", "node-2")),
        List.of());

    client.send(first("/198.51.100.1", "unknown"));

    DeltaDiscoveryResponse response = client.next();
    assertThat(names(response)).containsExactly("local", "member", "ns/svc");
    assertThat(response.getRemovedResourcesList()).containsExactly("unknown");
    client.ack(response);

    table.update(
        List.of(
            workload("other", "192.0.2.9", "node-2"),
            workload("second", "192.0.2.4", "node-2", "ns/svc")),
        List.of());
    assertThat(names(client.next())).containsExactly("second");
  }

  @Test
  void a_refusal_is_noted_and_not_answered() throws Exception {
    table.update(List.of(workload("a", "192.0.2.1", "")), List.of());
    client.send(first());
    DeltaDiscoveryResponse response = client.next();

    client.send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(TYPE)
            .setResponseNonce(response.getNonce())
            .setErrorDetail(Status.newBuilder().setCode(13).setMessage("no such thing")));

    await().until(() -> rejected.contains("no such thing"));
    assertThat(server.describe().toString()).contains("rejected=no such thing");
    assertThat(client.responses).isEmpty();
    table.update(List.of(workload("a", "192.0.2.2", "")), List.of());
    assertThat(names(client.next())).containsExactly("a");
  }

  private void refuse(DeltaDiscoveryResponse response, String text) {
    client.send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(TYPE)
            .setResponseNonce(response.getNonce())
            .setErrorDetail(Status.newBuilder().setCode(13).setMessage(text)));
  }

  private Map<String, String> refused() {
    var reasons = new java.util.TreeMap<String, String>();
    server
        .refusals()
        .now()
        .forEach((resource, by) -> reasons.put(resource.name(), by.getFirst().reason()));
    return reasons;
  }

  @Test
  void what_was_refused_stands_until_a_later_version_of_it_is_accepted() throws Exception {
    table.update(
        List.of(workload("a", "192.0.2.1", ""), workload("b", "192.0.2.2", "")), List.of());
    client.send(first());
    refuse(client.next(), "a: too long; at least; b: no");
    await().until(() -> refused().equals(Map.of("a", "too long; at least", "b", "no")));

    table.update(List.of(workload("c", "192.0.2.3", "")), List.of());
    client.ack(client.next());
    table.update(List.of(workload("a", "192.0.2.4", "")), List.of());
    client.ack(client.next());

    await().until(() -> refused().equals(Map.of("b", "no")));
    assertThat(server.describe().toString()).contains("rejected=b: no").contains("current=false");

    table.update(List.of(), List.of("b"));
    client.ack(client.next());

    await().until(() -> refused().isEmpty());
    assertThat(server.describe().toString()).contains("current=true");
  }

  @Test
  void a_client_of_an_earlier_schema_gets_other_words_and_counts_as_refusing_what_it_lacks()
      throws Exception {
    OlderClient older = _ -> new OlderClient.Put(ByteString.EMPTY, "needs revision 2");
    TypeSource source =
        new TypeSource() {
          @Override
          public ResourceTable tableFor(Caller caller) {
            return table;
          }

          @Override
          public OlderClient olderClient(int revision) {
            return revision == 1 ? older : null;
          }
        };
    EncodedResource resource = workload("a", "192.0.2.1", "");
    table.update(List.of(resource), List.of());
    var other = new DiscoveryServer(Map.of(TYPE, source), ready::get, observer(), "test");
    try (var told = new AdsClient(other, ZTUNNEL)) {
      Node.Builder node = AdsClient.node("istio-system", "node-1").toBuilder();
      node.getMetadataBuilder()
          .putFields(ClientNode.SCHEMA, Value.newBuilder().setStringValue("1").build());
      told.send(first().setNode(node));

      Resource put = told.next().getResources(0);

      assertThat(put.getResource().getValue()).isEmpty();
      assertThat(put.getVersion()).isNotEqualTo(resource.version());
      await().until(() -> !other.refusals().now().isEmpty());
      assertThat(other.refusals().now().values())
          .containsExactly(List.of(new Refusals.Refusal("istio-system", "zt", "needs revision 2")));
      assertThat(other.describe().toString()).contains("schema=1");
    }
  }

  @Test
  void what_a_client_refused_is_forgotten_when_its_stream_ends() throws Exception {
    table.update(List.of(workload("a", "192.0.2.1", "")), List.of());
    client.send(first());
    refuse(client.next(), "a: no");
    await().until(() -> !refused().isEmpty());
    assertThat(server.refusals().now().values())
        .containsExactly(List.of(new Refusals.Refusal("istio-system", "zt", "no")));

    client.disconnect();

    await().until(() -> refused().isEmpty());
  }

  @Test
  void an_old_nonce_is_ignored() throws Exception {
    client.send(first());
    client.next();
    client.send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(TYPE)
            .setResponseNonce("old")
            .addResourceNamesSubscribe("a"));

    await().until(() -> stale.contains(TYPE));
    assertThat(client.responses).isEmpty();
  }

  @Test
  void who_is_not_the_node_it_says_is_refused() throws Exception {
    client.send(first().setNode(AdsClient.node("shop", "node-1")));

    io.grpc.Status status = client.end();
    assertThat(status.getCode()).isEqualTo(io.grpc.Status.Code.PERMISSION_DENIED);
    assertThat(status.getDescription())
        .isEqualTo("authorization failed: no identities ([istio-system/ztunnel]) matched shop/");
  }

  @Test
  void nobody_is_served_before_the_first_full_state() throws Exception {
    ready.set(false);
    client.connect();

    assertThat(client.end().getDescription())
        .isEqualTo("server is not ready to serve discovery information");
  }

  @Test
  void a_million_names_are_too_many() throws Exception {
    List<String> names = new ArrayList<>();
    for (int i = 0; i <= ClientStream.MAX_NAMES; i++) {
      names.add("n" + i);
    }
    client.send(first().addAllResourceNamesSubscribe(names));

    assertThat(client.end().getCode()).isEqualTo(io.grpc.Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void a_thousand_types_are_too_many() throws Exception {
    for (int i = 0; i <= ClientStream.MAX_TYPES; i++) {
      client.send(first().setTypeUrl("type-" + i));
    }

    assertThat(client.end().getDescription())
        .isEqualTo("more than 16 types asked for on one stream");
  }

  @Test
  void a_client_that_never_acknowledges_is_sent_what_changes() throws Exception {
    client.send(first());
    client.next();
    for (int i = 0; i < 200; i++) {
      table.update(List.of(workload("a", "192.0.2." + i, "")), List.of());
    }

    await()
        .until(
            () ->
                client.responses.stream()
                    .flatMap(response -> response.getResourcesList().stream())
                    .anyMatch(resource -> resource.getAliases(0).equals("/192.0.2.199")));
    assertThat(server.describe().toString()).contains("acknowledged=0").contains("current=false");
  }

  @Test
  void a_client_that_rejects_everything_for_ever_is_sent_each_change_and_not_more()
      throws Exception {
    client.send(first());
    DeltaDiscoveryResponse response = client.next();
    for (int i = 0; i < 50; i++) {
      client.send(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(TYPE)
              .setResponseNonce(response.getNonce())
              .setErrorDetail(Status.newBuilder().setCode(13).setMessage("no " + i)));
      String last = "no " + i;
      await().until(() -> rejected.contains(last));
      assertThat(client.responses).isEmpty();
      table.update(List.of(workload("a", "192.0.2." + i, "")), List.of());
      response = client.next();
      assertThat(names(response)).containsExactly("a");
    }
    assertThat(rejected).hasSize(50);
  }

  @Test
  void what_a_client_that_does_not_read_has_to_be_told_stays_a_set_of_names() throws Exception {
    client.connectWithoutReading();
    client.send(first());
    client.send(first().setTypeUrl("another"));
    await().until(() -> server.describe().toString().contains("another"));
    String filling = "x".repeat(100_000);
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              boolean full = server.describe().toString().contains("pending=2");
              table.update(
                  List.of(workload("a", filling, ""), workload("b", filling, "")), List.of());
              table.update(
                  List.of(workload("a", "y" + filling, ""), workload("b", "y" + filling, "")),
                  List.of());
              return full;
            });
    for (int i = 0; i < 300; i++) {
      table.update(
          List.of(workload("a", i + filling, ""), workload("b", i + filling, "")), List.of());
    }
    assertThat(server.describe().toString()).contains("pending=2");

    client.read(1000);
    await()
        .until(
            () ->
                client.responses.stream()
                        .flatMap(response -> response.getResourcesList().stream())
                        .filter(resource -> resource.getAliases(0).startsWith("/299x"))
                        .map(Resource::getName)
                        .distinct()
                        .count()
                    == 2);
    assertThat(client.responses).hasSizeLessThan(300);
  }

  @Test
  void clients_that_say_nothing_do_not_keep_others_out() throws Exception {
    for (int i = 0; i < 20; i++) {
      client.connect();
    }
    client.connect();
    client.send(first());

    assertThat(client.next().getTypeUrl()).isEqualTo(TYPE);
  }

  @Test
  void a_large_state_comes_in_several_responses_that_any_client_can_take() throws Exception {
    List<EncodedResource> many = new ArrayList<>();
    String filling = "x".repeat(4000);
    for (int i = 0; i < 2000; i++) {
      many.add(workload("w" + i, filling + i, ""));
    }
    table.update(many, List.of());

    client.send(first());

    Set<String> held = new java.util.HashSet<>();
    while (held.size() < 2000) {
      DeltaDiscoveryResponse response = client.next();
      assertThat(response.getSerializedSize()).isLessThan(4 * 1024 * 1024);
      held.addAll(names(response));
      client.ack(response);
    }
  }

  @Test
  void a_stream_that_ends_is_forgotten() throws Exception {
    client.send(first());
    client.next();
    client.disconnect();

    assertThat(client.end().isOk()).isTrue();
    await().until(() -> server.describe().isEmpty());
  }
}
