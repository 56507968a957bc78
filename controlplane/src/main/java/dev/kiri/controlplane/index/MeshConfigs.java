package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.ConfigMapObject;
import dev.kiri.controlplane.kinds.MeshConfig;
import dev.kiri.controlplane.kinds.MeshConfig.Visibility;
import dev.kiri.controlplane.kinds.NamespaceObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The mesh's configuration: what the ConfigMap `istio` of the root namespace says. Stateless apart
/// from its tables.
public final class MeshConfigs {
  private final ObjectTables tables;
  private final MeshSettings settings;

  MeshConfigs(ObjectTables tables, MeshSettings settings) {
    this.tables = tables;
    this.settings = settings;
  }

  /// `namespace/name` of the ConfigMap.
  public static String path(MeshSettings settings) {
    return settings.rootNamespace() + "/" + MeshConfig.CONFIG_MAP;
  }

  /// What is configured.
  public MeshConfig get(Reader reader) {
    ConfigMapObject found = reader.get(tables.configMaps, path(settings));
    return found == null ? MeshConfig.NONE : found.mesh();
  }

  /// Who may see the hosts of a ServiceEntry (controlplane.md 4.2).
  public Visibility visibility(ServiceEntryObject entry, Reader reader) {
    MeshConfig.EntryVisibility configured = get(reader).entryVisibility();
    if (configured == null) {
      return Visibility.PUBLIC;
    }
    String namespace = entry.meta().namespace();
    return configured.of(
        NamespaceObject.labels(namespace, reader.get(tables.namespaces, namespace)));
  }

  /// What is configured otherwise than this process runs; null where nothing is.
  static @Nullable List<String> findings(ConfigMapObject map, MeshSettings settings) {
    if (!map.key().path().equals(path(settings))) {
      return null;
    }
    MeshConfig mesh = map.mesh();
    List<String> findings = new ArrayList<>();
    differs(findings, "trustDomain", mesh.trustDomain(), settings.trustDomain(), "a restart");
    if (!mesh.trustDomainAliases().isEmpty()
        && !mesh.trustDomainAliases().equals(settings.trustDomainAliases())) {
      findings.add(
          "data.mesh.trustDomainAliases: found "
              + mesh.trustDomainAliases()
              + ", accepted: "
              + settings.trustDomainAliases()
              + " until a restart of the control plane");
    }
    differs(
        findings,
        "rootNamespace",
        mesh.rootNamespace(),
        settings.rootNamespace(),
        "it runs in another namespace");
    return findings.isEmpty()
        ? null
        : findings.stream().map(text -> "ConfigMap " + map.key().path() + ": " + text).toList();
  }

  private static void differs(
      List<String> findings, String field, String found, String runs, String until) {
    if (!found.isEmpty() && !found.equals(runs)) {
      findings.add(
          "data.mesh."
              + field
              + ": found \""
              + found
              + "\", accepted: \""
              + runs
              + "\", with which the control plane runs until "
              + until);
    }
  }
}
