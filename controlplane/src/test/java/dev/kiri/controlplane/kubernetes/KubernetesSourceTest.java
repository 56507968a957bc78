package dev.kiri.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.source.SourceListener;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class KubernetesSourceTest {
  private FakeApiServer server;
  private KubernetesApi api;
  private KubernetesSource source;
  private final Heard heard = new Heard();

  /// Objects by what was last told of them.
  private static final class Heard implements SourceListener {
    private final Map<ObjectKey, String> objects = new TreeMap<>();
    private final List<List<ObjectChange>> batches = new ArrayList<>();
    private List<Problem> problems = List.of();

    @Override
    public synchronized void changed(List<ObjectChange> changes) {
      batches.add(changes);
      for (ObjectChange change : changes) {
        switch (change) {
          case ObjectChange.Put(ServiceObject service, _) ->
              objects.put(service.key(), service.clusterIps().toString());
          case ObjectChange.Put put -> objects.put(put.key(), "there");
          case ObjectChange.Refused refused -> objects.put(refused.key(), "refused");
          case ObjectChange.Gone gone -> objects.remove(gone.key());
        }
      }
    }

    @Override
    public synchronized void problems(List<Problem> now) {
      problems = now;
    }

    synchronized Map<ObjectKey, String> objects() {
      return new TreeMap<>(objects);
    }

    synchronized int batches() {
      return batches.size();
    }

    synchronized List<Problem> problems() {
      return problems;
    }
  }

  @BeforeEach
  void begin() throws Exception {
    server = new FakeApiServer();
    api = server.connect();
    source = new KubernetesSource(api, new AppliedStatuses());
  }

  @AfterEach
  void end() {
    source.close();
    api.close();
    server.close();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> tree(String text) {
    return (Map<String, Object>) Objects.parse(text).getFirst();
  }

  private static Map<String, Object> service(String name, String ip) {
    return tree(
        "{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: ns}, spec: {clusterIP: %s}}"
            .formatted(name, ip));
  }

  private static ObjectKey key(String name) {
    return new ObjectKey(Kind.SERVICE, "ns", name);
  }

  private void awaitTold(String name, String ip) {
    await()
        .untilAsserted(() -> assertThat(heard.objects()).containsEntry(key(name), "[/" + ip + "]"));
  }

  @Test
  void the_first_batch_holds_all_objects_of_all_kinds_and_all_pages() {
    for (int i = 0; i < 7; i++) {
      server.put(service("s" + i, "10.0.0." + i));
    }
    server.put(tree("{apiVersion: v1, kind: Namespace, metadata: {name: ns}}"));
    server.put(
        tree(
            "{apiVersion: gateway.networking.k8s.io/v1alpha2, kind: TCPRoute, metadata: {name: t,"
                + " namespace: ns}, spec: {rules: [{backendRefs: [{name: s0, port: 80}]}]}}"));

    source.start(heard);

    assertThat(heard.batches()).isOne();
    assertThat(heard.objects()).hasSize(9).containsEntry(key("s6"), "[/10.0.0.6]");
  }

  @Test
  void changes_are_told_and_a_refused_object_leaves_what_was_accepted_in_force() {
    server.put(service("a", "10.0.0.1"));
    source.start(heard);

    server.put(service("a", "10.0.0.2"));
    awaitTold("a", "10.0.0.2");
    server.put(service("b", "10.0.0.3"));
    awaitTold("b", "10.0.0.3");
    server.remove(service("b", "10.0.0.3"));
    await().untilAsserted(() -> assertThat(heard.objects()).doesNotContainKey(key("b")));
    server.put(service("a", "nonsense"));
    await().untilAsserted(() -> assertThat(heard.objects()).containsEntry(key("a"), "refused"));
    assertThat(heard.problems()).extracting(Problem::subject).containsExactly("Service ns/a");
  }

  @Test
  void a_closed_watch_is_opened_again_where_it_ended() {
    source.start(heard);
    await().until(() -> server.watching(Kind.SERVICE) == 1);

    server.endWatches(false);
    server.put(service("a", "10.0.0.1"));
    awaitTold("a", "10.0.0.1");
  }

  @Test
  void after_410_everything_is_listed_again_and_what_has_gone_meanwhile_goes() {
    server.put(service("stays", "10.0.0.1"));
    server.put(service("goes", "10.0.0.2"));
    source.start(heard);
    await().until(() -> server.watching(Kind.SERVICE) == 1);

    server.removeUnseen(service("goes", "10.0.0.2"));
    server.putUnseen(service("comes", "10.0.0.3"));
    server.endWatches(true);

    awaitTold("comes", "10.0.0.3");
    await()
        .untilAsserted(
            () -> assertThat(heard.objects()).containsOnlyKeys(key("comes"), key("stays")));
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void a_server_that_refuses_for_a_while_is_asked_again_and_nothing_is_missed(int code) {
    server.put(service("a", "10.0.0.1"));
    server.fail(
        Kind.SERVICE,
        code,
        code == 500 ? 8 : 2,
        code == 429 ? Map.of("Retry-After", "0") : Map.of());

    source.start(heard);

    assertThat(heard.batches()).isOne();
    assertThat(heard.objects()).containsOnlyKeys(key("a"));
  }

  @Test
  void a_kind_that_may_not_be_read_holds_the_start_up() throws Exception {
    server.fail(Kind.AUTHORIZATION_POLICY, 403, 3, Map.of());
    Thread start = Thread.ofVirtual().start(() -> source.start(heard));

    await().until(() -> server.watching(Kind.SERVICE) == 1);
    await().until(() -> server.watching(Kind.POD) == 1);
    start.join();
    assertThat(server.requests)
        .filteredOn(r -> r.endsWith("/authorizationpolicys"))
        .hasSizeGreaterThan(3);
  }

  @Test
  void a_kind_that_is_not_installed_is_none_of_which_there_are_objects() {
    server.missing.add(Kind.HTTP_ROUTE);
    server.put(service("a", "10.0.0.1"));

    source.start(heard);

    assertThat(heard.objects()).containsOnlyKeys(key("a"));
  }

  @Test
  void duplicated_events_and_events_that_come_too_late_change_nothing() {
    server.put(service("a", "10.0.0.1"));
    Map<String, Object> old = server.stored(key("a"));
    source.start(heard);
    await().until(() -> server.watching(Kind.SERVICE) == 1);
    server.put(service("a", "10.0.0.2"));
    awaitTold("a", "10.0.0.2");

    server.tell("services", "MODIFIED", old);
    server.tell("services", "MODIFIED", server.stored(key("a")));
    server.put(service("b", "10.0.0.9"));
    awaitTold("b", "10.0.0.9");
    assertThat(heard.objects()).containsEntry(key("a"), "[/10.0.0.2]");

    Map<String, Object> last = server.stored(key("a"));
    server.remove(last);
    server.tell("services", "MODIFIED", last);
    server.put(service("c", "10.0.0.9"));
    awaitTold("c", "10.0.0.9");
    assertThat(heard.objects()).doesNotContainKey(key("a"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatever_happens_to_watches_the_end_is_what_the_server_has(long seed) {
    Random random = new Random(seed);
    Map<ObjectKey, String> expected = new TreeMap<>();
    source.start(heard);
    for (int step = 0; step < 200; step++) {
      String name = "s" + random.nextInt(6);
      String ip = "10.0.0." + random.nextInt(250);
      boolean seen = random.nextInt(4) > 0;
      boolean gone = random.nextInt(3) == 0;
      if (gone && seen) {
        server.remove(service(name, ip));
      } else if (gone) {
        server.removeUnseen(service(name, ip));
      } else if (seen) {
        server.put(service(name, ip));
      } else {
        server.putUnseen(service(name, ip));
      }
      if (gone) {
        expected.remove(key(name));
      } else {
        expected.put(key(name), "[/" + ip + "]");
      }
      switch (random.nextInt(20)) {
        case 0 -> server.endWatches(false);
        case 1 -> server.endWatches(true);
        case 2 -> server.fail(Kind.SERVICE, 500, 1, Map.of());
        default -> {}
      }
    }
    await()
        .atMost(40, TimeUnit.SECONDS)
        .ignoreExceptionsInstanceOf(ConditionTimeoutException.class)
        .untilAsserted(
            () -> {
              server.endWatches(true);
              await()
                  .atMost(2, TimeUnit.SECONDS)
                  .untilAsserted(() -> assertThat(heard.objects()).isEqualTo(expected));
            });
  }

  @Test
  void the_status_applied_by_us_is_known_from_the_object() {
    AppliedStatuses statuses = new AppliedStatuses();
    Map<String, Object> service =
        new LinkedHashMap<>(
            tree(
                """
                apiVersion: v1
                kind: Service
                metadata:
                  name: a
                  namespace: ns
                  managedFields:
                  - manager: kiri.dev/controlplane
                    operation: Apply
                    subresource: status
                    apiVersion: v1
                    fieldsType: FieldsV1
                    fieldsV1:
                      "f:status":
                        "f:conditions":
                          'k:{"type":"Ours"}': {".": {}, "f:type": {}, "f:status": {}}
                spec: {clusterIP: 10.0.0.1}
                status:
                  loadBalancer: {}
                  conditions:
                  - {type: Theirs, status: "True"}
                  - {type: Ours, status: "False", reason: NotOurs}
                """));
    server.put(service);
    try (KubernetesSource own = new KubernetesSource(api, statuses)) {
      own.start(heard);
      assertThat(statuses.of(key("a")))
          .isEqualTo(Map.of("conditions", List.of(Map.of("type", "Ours", "status", "False"))));
    }
  }
}
