package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.RouteObject.Header;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Changes;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Headers;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the changes of headers that a VirtualService's rules and destinations make. Stateless.
final class VirtualHeaderReader {
  /// Variables in the values of headers, as Envoy writes them.
  private static final List<String> VARIABLES =
      List.of(
          "DOWNSTREAM_REMOTE_ADDRESS",
          "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_REMOTE_PORT",
          "DOWNSTREAM_LOCAL_ADDRESS",
          "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_LOCAL_PORT",
          "DOWNSTREAM_PEER_URI_SAN",
          "DOWNSTREAM_LOCAL_URI_SAN",
          "ROUTE_NAME",
          "START_TIME");

  private static final Pattern FIELD =
      Pattern.compile("REQ[(](:authority|:method|:path|[A-Za-z0-9_.-]+)[)]");

  private VirtualHeaderReader() {}

  /// The `headers` of a rule or destination; null where absent.
  static @Nullable Headers read(Fields holder) {
    if (!holder.has("headers")) {
      return null;
    }
    Fields fields = holder.child("headers");
    Headers read = new Headers(changes(fields, "request"), changes(fields, "response"));
    fields.done();
    return read;
  }

  private static Changes changes(Fields holder, String name) {
    Fields fields = holder.child(name);
    Changes read =
        new Changes(
            written(fields, "set"),
            written(fields, "add"),
            fields.strings("remove").stream()
                .filter(header -> isChangeable(fields, "remove", header))
                .toList());
    fields.done();
    return read;
  }

  private static List<Header> written(Fields fields, String name) {
    return fields.stringMap(name).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(e -> isWritable(fields, name, e.getKey()))
        .filter(e -> hasKnownVariables(fields, name, e.getValue()))
        .map(e -> new Header(e.getKey().equals(":authority") ? "host" : e.getKey(), e.getValue()))
        .toList();
  }

  /// Text between percent signs names a variable; nothing between them is a percent sign.
  private static boolean hasKnownVariables(Fields fields, String name, String value) {
    String[] parts = value.split("%", -1);
    for (int i = 1; i < parts.length; i += 2) {
      boolean known =
          i < parts.length - 1
              && (parts[i].isEmpty()
                  || VARIABLES.contains(parts[i])
                  || FIELD.matcher(parts[i]).matches());
      if (!known) {
        fields.error(
            name,
            Fields.show(value),
            "between percent signs nothing, REQ(name), or one of " + String.join(", ", VARIABLES));
        return false;
      }
    }
    return true;
  }

  private static boolean isWritable(Fields fields, String list, String name) {
    return name.equals(":authority") || HttpFilterReader.isWritable(fields, list, name);
  }

  private static boolean isChangeable(Fields fields, String list, String name) {
    boolean sound = name.equals(":authority") || HttpFilterReader.isHeaderName(name);
    if (!sound) {
      fields.error(list, Fields.show(name), "the name of a header");
    }
    return sound;
  }
}
