package dev.kiri.controlplane.status;

import dev.kiri.controlplane.graph.Input;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.WellKnown;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.PeerAuthenticationObject;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.xds.DiscoveryServer;
import dev.kiri.controlplane.xds.Refusals.Refusal;
import dev.kiri.controlplane.xds.Refusals.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What proxies refuse, said by the object that was refused, and by the Gateway of the waypoint
/// that refuses it. The condition is ours, as upstream is silent about NACKs; it is there only
/// while something is refused. Confined to the index's thread but for [#follow].
public final class ProxyRefusals {
  private static final String TYPE = "kiri.dev/ProxyAccepted";

  /// Proxies named in a message; of more, their number is.
  private static final int MOST_NAMED = 3;

  private final MeshIndex index;
  private final Input<ObjectKey, List<String>> rows;

  ProxyRefusals(MeshIndex index) {
    this.index = index;
    this.rows = index.graph().input("refusals.proxies");
  }

  /// Takes over what clients refuse, now and whenever it changes.
  ///
  /// @param onIndexThread runs a task on the index's thread
  public void follow(DiscoveryServer discovery, Consumer<Runnable> onIndexThread) {
    var waiting = new AtomicBoolean();
    discovery.onRefusals(
        () -> {
          if (waiting.compareAndSet(false, true)) {
            onIndexThread.accept(
                () -> {
                  waiting.set(false);
                  take(discovery.refusals().now());
                });
          }
        });
  }

  /// Replaces all that was refused before.
  void take(Map<Resource, List<Refusal>> refusals) {
    Map<ObjectKey, List<String>> now = new TreeMap<>();
    refusals.forEach(
        (resource, by) -> {
          ObjectKey object = objectOf(resource);
          if (object != null) {
            now.computeIfAbsent(object, _ -> new ArrayList<>()).add(text(by));
          }
          for (Refusal refusal : by) {
            ObjectKey gateway = gatewayOf(refusal);
            if (gateway != null && !gateway.equals(object)) {
              String what = object == null ? unowned(resource) : object.toString();
              now.computeIfAbsent(gateway, _ -> new ArrayList<>())
                  .add(refusal.pod() + " refuses " + what + ": " + refusal.reason());
            }
          }
        });
    Set<ObjectKey> touched = new TreeSet<>(rows.rows().keySet());
    touched.addAll(now.keySet());
    touched.forEach(key -> rows.put(key, now.get(key)));
    index.graph().settle();
  }

  private static String unowned(Resource resource) {
    return resource.name().isEmpty() ? "a response" : resource.name();
  }

  /// The first reason and those who gave it; proxies of one mesh seldom differ.
  private static String text(List<Refusal> by) {
    var names =
        by.stream().limit(MOST_NAMED).map(each -> each.namespace() + "/" + each.pod()).toList();
    int more = by.size() - names.size();
    return String.join(", ", names)
        + (more > 0 ? " and " + more + " more" : "")
        + (by.size() == 1 ? " refuses it: " : " refuse it: ")
        + by.getFirst().reason();
  }

  private @Nullable ObjectKey gatewayOf(Refusal refusal) {
    PodObject pod = index.objects().pods.rows().get(refusal.namespace() + "/" + refusal.pod());
    String gateway = pod == null ? null : pod.meta().label(WellKnown.GATEWAY_NAME);
    return gateway == null ? null : new ObjectKey(Kind.GATEWAY, refusal.namespace(), gateway);
  }

  /// The object that a resource was made of; null where its status is not ours, as of a Pod.
  private @Nullable ObjectKey objectOf(Resource resource) {
    return switch (resource.typeUrl()) {
      case WellKnown.AUTHORIZATION_TYPE -> policy(resource.name());
      case WellKnown.WAYPOINT_TYPE -> configured(resource.name());
      case WellKnown.ADDRESS_TYPE -> service(resource.name());
      default -> null;
    };
  }

  private @Nullable ObjectKey policy(String name) {
    AuthorizationPolicyObject policy = index.objects().policies.rows().get(name);
    if (policy != null) {
      return policy.key();
    }
    return index.peerAuthenticationOf(name).map(PeerAuthenticationObject::key).orElse(null);
  }

  /// `KIND/NAMESPACE/NAME`, with an underscore for no namespace.
  private static @Nullable ObjectKey configured(String name) {
    String[] parts = name.split("/", 3);
    Kind kind =
        parts.length < 3 ? null : Kind.ofFolder(parts[0].toLowerCase(Locale.ROOT)).orElse(null);
    return kind == null
        ? null
        : new ObjectKey(kind, parts[1].equals("_") ? "" : parts[1], parts[2]);
  }

  /// `NAMESPACE/HOST`: of a Service, or of the ServiceEntry there that has the host.
  private @Nullable ObjectKey service(String name) {
    int slash = name.indexOf('/');
    if (slash < 0 || name.indexOf('/', slash + 1) >= 0) {
      return null; // a workload
    }
    String namespace = name.substring(0, slash);
    String host = name.substring(slash + 1);
    int dot = host.indexOf('.');
    String service = dot < 0 ? host : host.substring(0, dot);
    if (host.equals(index.settings().hostname(namespace, service))
        && index.objects().services.rows().containsKey(namespace + "/" + service)) {
      return new ObjectKey(Kind.SERVICE, namespace, service);
    }
    return index.objects().serviceEntriesByHost.find(host).stream()
        .filter(entry -> entry.meta().namespace().equals(namespace))
        .map(ServiceEntryObject::key)
        .findFirst()
        .orElse(null);
  }

  /// A wanted status with what proxies refuse of the object: for routes with each of their parents,
  /// where their conditions are.
  @Nullable Map<String, Object> added(
      MeshObject object, @Nullable Map<String, Object> status, Reader reader) {
    List<String> lines = reader.get(rows, object.key());
    if (lines == null) {
      return status;
    }
    Map<String, Object> condition =
        Condition.no(TYPE, "Rejected", String.join("; ", lines), object.meta().generation()).tree();
    Map<String, Object> next = new LinkedHashMap<>(status == null ? Map.of() : status);
    if (next.get("parents") instanceof List<?> parents) {
      next.put("parents", parents.stream().map(parent -> with(condition, parent)).toList());
    } else {
      next.put("conditions", appended(next.get("conditions"), condition));
    }
    return next;
  }

  private static Object with(Map<String, Object> condition, Object parent) {
    if (!(parent instanceof Map<?, ?> fields)) {
      return parent;
    }
    Map<String, Object> next = new LinkedHashMap<>();
    fields.forEach((key, value) -> next.put(String.valueOf(key), value));
    next.put("conditions", appended(next.get("conditions"), condition));
    return next;
  }

  private static List<Object> appended(@Nullable Object conditions, Map<String, Object> more) {
    List<Object> all = new ArrayList<>();
    if (conditions instanceof List<?> list) {
      all.addAll(list);
    }
    all.add(more);
    return all;
  }
}
