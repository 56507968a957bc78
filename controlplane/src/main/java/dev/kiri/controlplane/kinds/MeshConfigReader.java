package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.MeshConfig.EntryVisibility;
import dev.kiri.controlplane.kinds.MeshConfig.PathNormalization;
import dev.kiri.controlplane.kinds.MeshConfig.Scope;
import dev.kiri.controlplane.kinds.MeshConfig.Visibility;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads the mesh configuration. Fields that upstream has and that mean nothing to Kiri are warned
/// of by name, others as unknown. Stateless.
final class MeshConfigReader {
  /// Fields of upstream without a meaning here, and what there is in their place.
  private static final Map<String, String> NO_EFFECT =
      Map.ofEntries(
          Map.entry("defaultConfig", "the proxies' own environment variables"),
          Map.entry("hboneIdleTimeout", "nothing: unused tunnels are closed by the proxies"),
          Map.entry("outboundTrafficPolicy", "ALLOW_ANY: what the mesh does not know passes"),
          Map.entry("inboundTrafficPolicy", "nothing: it configures sidecars"),
          Map.entry("enableAutoMtls", "true: captured traffic is always in tunnels"),
          Map.entry("enablePrometheusMerge", "nothing: pods are scraped themselves"),
          Map.entry("enableTracing", "the proxies' own environment variables"),
          Map.entry("defaultProviders", "nothing: metrics and logs are always there"),
          Map.entry("extensionProviders", "nothing: there are no extensions"),
          Map.entry("accessLogFormat", "TEXT or JSON as accessLogEncoding"),
          Map.entry("defaultServiceExportTo", "*"),
          Map.entry("defaultVirtualServiceExportTo", "*"),
          Map.entry("defaultDestinationRuleExportTo", "*"),
          Map.entry("defaultHttpRetryPolicy", "retries of an HTTPRoute or VirtualService"),
          Map.entry("localityLbSetting", "trafficDistribution of a Service"),
          Map.entry("h2UpgradePolicy", "h2UpgradePolicy of a DestinationRule"),
          Map.entry("tcpKeepalive", "the proxies' own environment variables"),
          Map.entry("connectTimeout", "a timeout of a route"),
          Map.entry("meshMTLS", "nothing: tunnels are TLS 1.3"),
          Map.entry("tlsDefaults", "nothing: tunnels are TLS 1.3"),
          Map.entry("ingressClass", "a Gateway"),
          Map.entry("ingressService", "a Gateway"),
          Map.entry("ingressSelector", "a Gateway"),
          Map.entry("ingressControllerMode", "a Gateway"));

  private MeshConfigReader() {}

  /// @param text the value of the key `mesh`; null where the ConfigMap has none
  static MeshConfig read(@Nullable String text, Fields data) {
    if (text == null || text.isBlank()) {
      return MeshConfig.NONE;
    }
    Object tree;
    try {
      List<Object> documents = Yaml.documents(text, MeshConfig.KEY);
      tree = documents.isEmpty() ? Map.of() : documents.getFirst();
    } catch (Yaml.Malformed e) {
      data.error(MeshConfig.KEY, "no YAML: " + e.getMessage(), "a mapping as YAML");
      return MeshConfig.NONE;
    }
    if (!(tree instanceof Map<?, ?> map)) {
      data.error(MeshConfig.KEY, Fields.show(tree), "a mapping as YAML");
      return MeshConfig.NONE;
    }
    return read(new Fields(map, data.at(MeshConfig.KEY), data.problems()));
  }

  private static MeshConfig read(Fields mesh) {
    String log = mesh.string("accessLogFile");
    if (log != null && !log.isEmpty() && !log.equals("/dev/stdout")) {
      mesh.warning("accessLogFile", Fields.show(log), "/dev/stdout, or \"\" for no log");
    }
    String domain = mesh.stringOr("trustDomain", "");
    checkDomain(mesh, "trustDomain", domain);
    List<String> aliases = mesh.strings("trustDomainAliases");
    for (int i = 0; i < aliases.size(); i++) {
      checkDomain(mesh, "trustDomainAliases[" + i + "]", aliases.get(i));
    }
    MeshConfig read =
        new MeshConfig(
            domain,
            aliases,
            mesh.stringOr("rootNamespace", ""),
            mesh.list("discoverySelectors", LabelSelector::read),
            visibility(mesh),
            mesh.list("serviceScopeConfigs", MeshConfigReader::scope),
            normalization(mesh),
            log == null ? null : !log.isEmpty(),
            mesh.choice("accessLogEncoding", "TEXT", List.of("TEXT", "JSON")).equals("JSON"),
            mesh.has("protocolDetectionTimeout")
                ? IstioFields.duration(mesh, "protocolDetectionTimeout", false)
                : null,
            certificates(mesh));
    mesh.ignore("protocolDetectionTimeout", "serviceEntryVisibility", "pathNormalization");
    for (String name : new TreeSet<>(mesh.unknown())) {
      String instead = NO_EFFECT.get(name);
      if (instead != null) {
        mesh.warning(name, "a field that has no effect", instead);
        mesh.ignore(name);
      }
    }
    mesh.done();
    return read;
  }

  private static void checkDomain(Fields mesh, String name, String domain) {
    if (!domain.isEmpty() && !HostName.isSound(domain)) {
      mesh.error(name, Fields.show(domain), "a DNS name");
    }
  }

  private static @Nullable EntryVisibility visibility(Fields mesh) {
    if (!mesh.has("serviceEntryVisibility")) {
      return null;
    }
    Fields fields = mesh.child("serviceEntryVisibility");
    EntryVisibility read =
        new EntryVisibility(
            visibility(fields, "defaultVisibility"),
            fields.list(
                "policies",
                policy -> {
                  var one =
                      new EntryVisibility.Policy(
                          visibility(policy, "visibility"),
                          policy.list("matchingRules", MeshConfigReader::namespaces));
                  policy.doneStrictly();
                  return one;
                }));
    if (fields.has("applyToSidecars")) {
      fields.warning("applyToSidecars", "a field that has no effect", "nothing: no sidecars");
    }
    fields.ignore("applyToSidecars");
    fields.doneStrictly();
    return read;
  }

  private static LabelSelector namespaces(Fields rule) {
    LabelSelector read = LabelSelector.read(rule.child("namespaceSelector"));
    rule.doneStrictly();
    return read;
  }

  private static Visibility visibility(Fields fields, String name) {
    String word =
        fields.choice(
            name, "PUBLIC", List.of("VISIBILITY_UNSPECIFIED", "PUBLIC", "NAMESPACE", "NONE"));
    return word.equals("VISIBILITY_UNSPECIFIED") ? Visibility.PUBLIC : Visibility.valueOf(word);
  }

  private static Scope scope(Fields fields) {
    Scope read =
        new Scope(
            LabelSelector.read(fields.child("namespaceSelector")),
            LabelSelector.read(fields.child("servicesSelector")),
            fields.choice("scope", "LOCAL", List.of("LOCAL", "GLOBAL")).equals("GLOBAL"));
    fields.doneStrictly();
    return read;
  }

  private static PathNormalization normalization(Fields mesh) {
    if (!mesh.has("pathNormalization")) {
      return PathNormalization.DEFAULT;
    }
    Fields fields = mesh.child("pathNormalization");
    String word =
        fields.choice(
            "normalization",
            "DEFAULT",
            List.of("DEFAULT", "NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"));
    fields.done();
    return PathNormalization.valueOf(word);
  }

  private static List<String> certificates(Fields mesh) {
    List<String> found = new ArrayList<>();
    mesh.list(
        "caCertificates",
        each -> {
          String pem = each.stringOr("pem", "");
          if (each.has("spiffeBundleUrl")) {
            each.warning("spiffeBundleUrl", "a field that has no effect", "the roots as pem");
          }
          for (String field : List.of("certSigners", "trustDomains")) {
            if (each.has(field)) {
              each.warning(field, "a field that has no effect", "nothing: a root counts for all");
            }
          }
          each.ignore("spiffeBundleUrl", "certSigners", "trustDomains");
          each.done();
          if (!pem.isEmpty() && !isCertificate(pem)) {
            each.error("pem", "no certificate", "certificates between BEGIN and END CERTIFICATE");
          } else if (!pem.isEmpty()) {
            found.add(pem.strip() + "\n");
          }
          return pem;
        });
    return List.copyOf(found);
  }

  private static boolean isCertificate(String pem) {
    try {
      return !CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
          .isEmpty();
    } catch (CertificateException e) {
      return false;
    }
  }
}
