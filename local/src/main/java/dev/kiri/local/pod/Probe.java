package dev.kiri.local.pod;

import static dev.kiri.local.store.KubeObject.in;
import static dev.kiri.local.store.KubeObject.mapsOf;
import static dev.kiri.local.store.KubeObject.numberIn;
import static dev.kiri.local.store.KubeObject.textIn;
import static dev.kiri.local.store.KubeObject.textsOf;

import dev.kiri.local.store.KubeObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is asked of a container, and how often. Defaults are Kubernetes'.
public record Probe(
    Check check,
    Duration initialDelay,
    Duration period,
    Duration timeout,
    int successThreshold,
    int failureThreshold) {

  /// How a container is asked.
  public sealed interface Check {
    record HttpGet(boolean tls, String host, int port, String path, Map<String, String> headers)
        implements Check {}

    record TcpSocket(String host, int port) implements Check {}

    record Exec(List<String> command) implements Check {}

    record Grpc(int port, String service) implements Check {}
  }

  static Optional<Probe> of(@Nullable Object tree, List<ContainerSpec.Port> ports) {
    return checkOf(tree, ports)
        .map(
            check ->
                new Probe(
                    check,
                    Duration.ofSeconds(numberIn(tree, 0, "initialDelaySeconds")),
                    Duration.ofSeconds(numberIn(tree, 10, "periodSeconds")),
                    Duration.ofSeconds(numberIn(tree, 1, "timeoutSeconds")),
                    numberIn(tree, 1, "successThreshold"),
                    numberIn(tree, 3, "failureThreshold")));
  }

  private static Optional<Check> checkOf(@Nullable Object tree, List<ContainerSpec.Port> ports) {
    if (in(tree, "httpGet") instanceof Map<?, ?> get) {
      var headers = new LinkedHashMap<String, String>();
      mapsOf(in(get, "httpHeaders"))
          .forEach(h -> headers.put(textIn(h, "name"), textIn(h, "value")));
      var path = textIn(get, "path").isEmpty() ? "/" : textIn(get, "path");
      boolean tls = textIn(get, "scheme").equalsIgnoreCase("HTTPS");
      int port = port(in(get, "port"), ports);
      return Optional.of(new Check.HttpGet(tls, textIn(get, "host"), port, path, headers));
    }
    if (in(tree, "tcpSocket") instanceof Map<?, ?> tcp) {
      return Optional.of(new Check.TcpSocket(textIn(tcp, "host"), port(in(tcp, "port"), ports)));
    }
    if (in(tree, "exec") instanceof Map<?, ?> exec) {
      return Optional.of(new Check.Exec(textsOf(in(exec, "command"))));
    }
    if (in(tree, "grpc") instanceof Map<?, ?> grpc) {
      return Optional.of(new Check.Grpc(port(in(grpc, "port"), ports), textIn(grpc, "service")));
    }
    return Optional.empty();
  }

  private static int port(@Nullable Object value, List<ContainerSpec.Port> ports) {
    if (value instanceof Number number) {
      return number.intValue();
    }
    var name = KubeObject.textsOf(List.of(value == null ? "" : value)).getFirst();
    return ports.stream()
        .filter(p -> p.name().equals(name))
        .mapToInt(ContainerSpec.Port::number)
        .findFirst()
        .orElse(0);
  }
}
