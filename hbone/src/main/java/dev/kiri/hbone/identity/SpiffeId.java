package dev.kiri.hbone.identity;

import org.jspecify.annotations.Nullable;

/// A workload identity `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`.
///
/// Immutable. Equality is exact on all three fields; nothing is decoded, folded or trimmed, and
/// empty fields are not refused, as in upstream (istio/ztunnel `src/identity/manager.rs`).
public record SpiffeId(TrustDomain trustDomain, String namespace, String serviceAccount) {
  private static final String SCHEME = "spiffe://";

  public static SpiffeId of(String trustDomain, String namespace, String serviceAccount) {
    return new SpiffeId(new TrustDomain(trustDomain), namespace, serviceAccount);
  }

  /// Parses the URI form. Throws [InvalidSpiffeId] for anything else.
  public static SpiffeId parse(String uri) {
    var id = parseOrNull(uri);
    if (id == null) {
      throw new InvalidSpiffeId(uri);
    }
    return id;
  }

  /// Like [#parse], with null for what is no identity.
  public static @Nullable SpiffeId parseOrNull(String uri) {
    if (!uri.startsWith(SCHEME)) {
      return null;
    }
    int domainEnd = uri.indexOf('/', SCHEME.length());
    if (domainEnd < 0 || !uri.startsWith("/ns/", domainEnd)) {
      return null;
    }
    int namespaceStart = domainEnd + 4;
    int namespaceEnd = uri.indexOf('/', namespaceStart);
    if (namespaceEnd < 0 || !uri.startsWith("/sa/", namespaceEnd)) {
      return null;
    }
    int accountStart = namespaceEnd + 4;
    if (uri.indexOf('/', accountStart) >= 0) {
      return null;
    }
    return SpiffeId.of(
        uri.substring(SCHEME.length(), domainEnd),
        uri.substring(namespaceStart, namespaceEnd),
        uri.substring(accountStart));
  }

  /// The URI form; [#parse] is its inverse.
  public String uri() {
    return SCHEME + trustDomain.name() + "/ns/" + namespace + "/sa/" + serviceAccount;
  }

  @Override
  public String toString() {
    return uri();
  }
}
