package dev.kiri.ztunnel.dump;

import dev.kiri.mesh.ca.CertificateStatus;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.ops.admin.AdminHandler;
import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ops.admin.AdminResponse;
import dev.kiri.redirect.zds.PodProxies;
import dev.kiri.ztunnel.connections.LiveConnections;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Answers `/config_dump`. Thread-safe; each answer shows one snapshot of the mesh.
public final class ConfigDump implements AdminHandler {
  private final MeshStore mesh;
  private final Supplier<List<CertificateStatus>> certificates;
  private final Supplier<List<PodProxies.State>> pods;
  private final Function<String, @Nullable LiveConnections> connections;
  private final Map<String, @Nullable Object> config;
  private final Map<String, @Nullable Object> version;

  /// `connections` gives those of a pod by its uid, null when it is not served; `config` and
  /// `version` are shown as they are.
  public ConfigDump(
      MeshStore mesh,
      Supplier<List<CertificateStatus>> certificates,
      Supplier<List<PodProxies.State>> pods,
      Function<String, @Nullable LiveConnections> connections,
      Map<String, @Nullable Object> config,
      Map<String, @Nullable Object> version) {
    this.mesh = mesh;
    this.certificates = certificates;
    this.pods = pods;
    this.connections = connections;
    this.config = config;
    this.version = version;
  }

  @Override
  public AdminResponse handle(AdminRequest request) {
    return AdminResponse.streaming(200, "application/json", this::writeTo);
  }

  void writeTo(OutputStream out) throws IOException {
    var snapshot = mesh.current();
    var dump = new LinkedHashMap<String, @Nullable Object>();
    dump.put("workloads", each(snapshot.workloads(), WorkloadJson::of));
    dump.put(
        "services",
        each(
            snapshot.services(),
            service -> ServiceJson.of(service, snapshot.endpoints(service.key()))));
    dump.put("policies", each(snapshot.policies(), PolicyJson::of));
    var staged = new LinkedHashMap<String, Object>();
    snapshot
        .staged()
        .forEach(
            (key, endpoints) -> {
              var byUid = new LinkedHashMap<String, Object>();
              endpoints.forEach(e -> byUid.put(e.workloadUid(), ServiceJson.endpoint(e)));
              staged.put(key, byUid);
            });
    dump.put("stagedServices", staged);
    var states = new ArrayList<>(certificates.get());
    states.sort(Comparator.comparing(status -> status.identity().toString()));
    dump.put("certificates", each(states, CertificateJson::of));
    dump.put("config", config);
    dump.put(
        "staticConfig",
        Map.of("workloads", List.of(), "policies", List.of(), "services", List.of()));
    dump.put("version", version);
    var workloadState = new LinkedHashMap<String, Object>();
    for (var state : pods.get()) {
      workloadState.put(state.uid(), PodJson.of(state, connections.apply(state.uid())));
    }
    dump.put("workloadState", workloadState);
    var writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    new JsonOutput(writer).write(dump);
    writer.flush();
  }

  /// One element at a time, so that only one is held.
  private static <T> Iterable<Object> each(List<T> values, Function<T, Object> form) {
    return () -> stream(values, form).iterator();
  }

  private static <T> Stream<Object> stream(List<T> values, Function<T, Object> form) {
    return values.stream().map(form);
  }
}
