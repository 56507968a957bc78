package dev.kiri.controlplane.xds;

import com.google.protobuf.Value;
import dev.kiri.controlplane.caller.Caller;
import dev.kiri.mesh.proto.core.Node;
import io.grpc.Status;
import java.util.Map;

/// What a client says it is, as far as it has proven that.
///
/// @param id as in its messages, for logs
/// @param pod name of its pod, or what it calls itself where it names none
/// @param node name of the Kubernetes node it runs on; empty where it does not say
/// @param version what it calls its version; empty where it does not say
/// @param schema revision of the waypoint's schema that it knows; 0 where it does not say
record ClientNode(String id, String pod, String node, String version, int schema) {
  static final ClientNode UNKNOWN = new ClientNode("", "", "", "", 0);

  /// Metadata in which a waypoint says which revision of its schema it knows.
  static final String SCHEMA = "KIRI_WAYPOINT_SCHEMA";

  /// Compares what the client says with what it has proven (xds-and-ca.md 4.1).
  static ClientNode introduced(Node described, Caller caller) {
    Map<String, Value> metadata = described.getMetadata().getFieldsMap();
    String namespace = text(metadata, "NAMESPACE");
    String account = text(metadata, "SERVICE_ACCOUNT");
    String[] parts = described.getId().split("~", -1);
    int dot = parts.length == 4 ? parts[2].lastIndexOf('.') : -1;
    if (namespace.isEmpty()) {
      namespace = dot < 0 ? "" : parts[2].substring(dot + 1);
    }
    if (!namespace.equals(caller.namespace())
        || !(account.isEmpty() || account.equals(caller.serviceAccount()))) {
      throw new StreamRefused(
          Status.PERMISSION_DENIED.withDescription(
              "authorization failed: no identities (["
                  + caller.account()
                  + "]) matched "
                  + namespace
                  + "/"
                  + account));
    }
    String id = described.getId().isEmpty() ? "unnamed" : described.getId();
    return new ClientNode(
        id,
        dot < 0 ? id : parts[2].substring(0, dot),
        text(metadata, "NODE_NAME"),
        text(metadata, "ISTIO_VERSION"),
        number(text(metadata, SCHEMA)));
  }

  private static int number(String text) {
    return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
  }

  private static String text(Map<String, Value> metadata, String key) {
    Value value = metadata.get(key);
    return value == null ? "" : value.getStringValue();
  }
}
