package dev.kiri.controlplane.xds;

import dev.kiri.mesh.proto.discovery.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What one client wants of one type, and what it still has to be told. Confined to the stream's
/// lock.
final class Subscription {
  private final String typeUrl;
  private final ResourceTable table;
  private final String clientNode;
  private final boolean wildcard;
  private final @Nullable OlderClient older;
  private final Set<String> names = new HashSet<>();
  private final Set<String> pending = new LinkedHashSet<>();
  private long pendingSince;
  private String nonce = "";
  private long acknowledged;
  private String acknowledgedNonce = "";
  private final Map<String, Refused> refused = new LinkedHashMap<>();
  private boolean refusalsChanged;

  /// @param version what was refused; empty when a later one waits to be sent already
  private record Refused(String version, String reason) {}

  /// @param older puts resources into words that the client knows; null where it knows all
  Subscription(
      String typeUrl,
      ResourceTable table,
      String clientNode,
      boolean wildcard,
      @Nullable OlderClient older) {
    this.typeUrl = typeUrl;
    this.table = table;
    this.clientNode = clientNode;
    this.wildcard = wildcard;
    this.older = older;
  }

  String typeUrl() {
    return typeUrl;
  }

  ResourceTable table() {
    return table;
  }

  boolean wildcard() {
    return wildcard;
  }

  int names() {
    return names.size();
  }

  void unsubscribe(Collection<String> unwanted) {
    names.removeAll(unwanted);
  }

  /// Notes names and returns those of resources to answer with: what they resolve to by name, then
  /// by alias, with the workloads of a service; an unknown name stands for itself, so that its
  /// absence is told.
  Set<String> subscribe(Collection<String> wanted) {
    Set<String> answer = new LinkedHashSet<>();
    for (String name : wanted) {
      if (name.equals("*")) {
        continue;
      }
      names.add(name);
      Set<String> resolved = table.get(name) != null ? Set.of(name) : table.aliased(name);
      if (resolved.isEmpty()) {
        answer.add(name);
      }
      for (String each : resolved) {
        answer.add(each);
        Set<String> members = table.ofService(each);
        if (!members.isEmpty()) {
          names.add(each);
          answer.addAll(members);
        }
      }
    }
    if (!clientNode.isEmpty()) {
      answer.addAll(table.ofNode(clientNode));
    }
    return answer;
  }

  private boolean wants(EncodedResource resource) {
    if (wildcard || names.contains(resource.name())) {
      return true;
    }
    if (!clientNode.isEmpty() && clientNode.equals(resource.node())) {
      return true;
    }
    for (String alias : resource.aliases()) {
      if (names.contains(alias)) {
        return true;
      }
    }
    for (String service : resource.services()) {
      if (names.contains(service)) {
        return true;
      }
    }
    return false;
  }

  /// Notes changes the client has to be told. Returns whether there are any.
  boolean note(Collection<EncodedResource> touched, long now) {
    boolean any = false;
    for (EncodedResource resource : touched) {
      if (wants(resource)) {
        if (pending.isEmpty()) {
          pendingSince = now;
        }
        pending.add(resource.name());
        any = true;
      }
    }
    return any;
  }

  boolean hasPending() {
    return !pending.isEmpty();
  }

  long pendingSince() {
    return pendingSince;
  }

  Set<String> takePending() {
    Set<String> taken = new LinkedHashSet<>(pending);
    pending.clear();
    return taken;
  }

  String nonce() {
    return nonce;
  }

  void sent(String newNonce) {
    nonce = newNonce;
  }

  /// Resources as the client understands them. What it cannot be told counts as refused by it.
  List<Resource> understood(List<Resource> resources) {
    if (older == null) {
      return resources;
    }
    List<Resource> put = new ArrayList<>(resources.size());
    for (Resource resource : resources) {
      OlderClient.Put other = older.put(resource.getResource().getValue());
      put.add(other == null ? resource : reworded(resource, other));
    }
    return put;
  }

  /// Has a version of its own, so that a client which comes back with it is told of again.
  private Resource reworded(Resource resource, OlderClient.Put other) {
    refused.put(resource.getName(), new Refused(resource.getVersion(), other.lost()));
    refusalsChanged = true;
    Resource.Builder put = resource.toBuilder().setVersion(resource.getVersion() + "-reworded");
    put.getResourceBuilder().setValue(other.message());
    return put.build();
  }

  /// The client has accepted the last response, and with it whatever was sent anew after it had
  /// been refused.
  void acknowledge(String by) {
    acknowledged++;
    acknowledgedNonce = by;
    refusalsChanged |=
        refused.entrySet().removeIf(each -> isMended(each.getKey(), each.getValue()));
  }

  private boolean isMended(String name, Refused before) {
    EncodedResource now = table.get(name);
    return !pending.contains(name) && (now == null || !now.version().equals(before.version()));
  }

  /// The client has refused a response; what it refuses, its text says.
  void reject(String text) {
    RefusalText.read(text, name -> table.get(name) != null)
        .forEach((name, reason) -> refused.put(name, new Refused(versionOf(name), reason)));
    refusalsChanged = true;
  }

  /// What [#refused] says, if that is not what it said at the last call.
  Optional<Map<String, String>> changedRefusals() {
    if (!refusalsChanged) {
      return Optional.empty();
    }
    refusalsChanged = false;
    return Optional.of(refused());
  }

  private String versionOf(String name) {
    EncodedResource now = table.get(name);
    return now == null || pending.contains(name) ? "" : now.version();
  }

  private boolean current() {
    return pending.isEmpty() && nonce.equals(acknowledgedNonce) && refused.isEmpty();
  }

  /// Reasons by the names of what is refused at the moment.
  Map<String, String> refused() {
    Map<String, String> reasons = new LinkedHashMap<>();
    refused.forEach((name, each) -> reasons.put(name, each.reason()));
    return reasons;
  }

  /// What it looks like, for inspection.
  Map<String, Object> describe() {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("wildcard", wildcard);
    one.put("names", names.size());
    one.put("pending", pending.size());
    one.put("sent_nonce", nonce);
    one.put("acknowledged", acknowledged);
    one.put("current", current());
    if (!refused.isEmpty()) {
      one.put(
          "rejected",
          refused().entrySet().stream()
              .map(e -> e.getKey().isEmpty() ? e.getValue() : e.getKey() + ": " + e.getValue())
              .collect(Collectors.joining("; ")));
    }
    return one;
  }
}
