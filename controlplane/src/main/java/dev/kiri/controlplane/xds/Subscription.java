package dev.kiri.controlplane.xds;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one client wants of one type, and what it still has to be told. Confined to the stream's
/// lock.
final class Subscription {
  private final String typeUrl;
  private final ResourceTable table;
  private final String clientNode;
  private final boolean wildcard;
  private final Set<String> names = new HashSet<>();
  private final Set<String> pending = new LinkedHashSet<>();
  private long pendingSince;
  private String nonce = "";
  private long acknowledged;
  private String acknowledgedNonce = "";
  private @Nullable String rejection;

  Subscription(String typeUrl, ResourceTable table, String clientNode, boolean wildcard) {
    this.typeUrl = typeUrl;
    this.table = table;
    this.clientNode = clientNode;
    this.wildcard = wildcard;
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

  int pending() {
    return pending.size();
  }

  String nonce() {
    return nonce;
  }

  void sent(String newNonce) {
    nonce = newNonce;
  }

  void acknowledge(String by) {
    acknowledged++;
    acknowledgedNonce = by;
    rejection = null;
  }

  void reject(String message) {
    rejection = message;
  }

  long acknowledged() {
    return acknowledged;
  }

  boolean current() {
    return pending.isEmpty() && nonce.equals(acknowledgedNonce);
  }

  @Nullable String rejection() {
    return rejection;
  }
}
