package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.BackendTlsPolicyObject.Authority;
import dev.kiri.controlplane.kinds.BackendTlsPolicyObject.Target;
import java.util.List;

/// Reads and checks one BackendTLSPolicy. Stateless.
final class BackendTlsPolicyReader {
  private BackendTlsPolicyReader() {}

  static BackendTlsPolicyObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    List<Target> targets = spec.list("targetRefs", BackendTlsPolicyReader::target);
    if (targets.isEmpty()) {
      spec.error("targetRefs", "nothing", "at least one Service or ServiceEntry");
    }
    spec.ignore("options");
    Fields validation = spec.child("validation");
    List<Authority> authorities =
        validation.list(
            "caCertificateRefs",
            each -> {
              Authority read =
                  new Authority(
                      each.stringOr("group", ""), each.required("kind"), each.required("name"));
              each.done();
              return read;
            });
    String wellKnown = validation.stringOr("wellKnownCACertificates", "");
    if (authorities.isEmpty() == wellKnown.isEmpty()) {
      validation.error(
          "caCertificateRefs",
          authorities.isEmpty() ? "nothing" : "caCertificateRefs beside wellKnownCACertificates",
          "one of caCertificateRefs, wellKnownCACertificates");
    }
    BackendTlsPolicyObject read =
        new BackendTlsPolicyObject(
            meta,
            targets,
            authorities,
            wellKnown,
            validation.required("hostname"),
            validation.list("subjectAltNames", BackendTlsPolicyReader::name));
    validation.done();
    spec.ignore("validation");
    spec.done();
    return read;
  }

  private static Target target(Fields fields) {
    String group = fields.stringOr("group", "");
    String kind = fields.required("kind");
    boolean known =
        (group.isEmpty() && kind.equals("Service"))
            || (group.equals("networking.istio.io") && kind.equals("ServiceEntry"));
    if (!known && !kind.isEmpty()) {
      fields.error(
          "kind",
          (group.isEmpty() ? "" : group + "/") + kind,
          "Service, or ServiceEntry with group networking.istio.io");
    }
    Target read =
        new Target(group, kind, fields.required("name"), fields.stringOr("sectionName", ""));
    fields.done();
    return read;
  }

  private static String name(Fields fields) {
    String type = fields.choice("type", "Hostname", List.of("Hostname", "URI"));
    String read = fields.required(type.equals("URI") ? "uri" : "hostname");
    fields.ignore("uri", "hostname");
    fields.done();
    return read;
  }
}
