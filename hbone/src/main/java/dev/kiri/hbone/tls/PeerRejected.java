package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.TrustDomain;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Why a peer's certificate was refused. The texts are those of upstream's TLS library, which tools
/// match.
public sealed interface PeerRejected {

  /// As in `invalid peer certificate: <text>`.
  String text();

  /// The same without names, for counting: one of a few words.
  default String kind() {
    return switch (this) {
      case UnknownIssuer _ -> "unknown_issuer";
      case Expired _ -> "expired";
      case NotValidYet _ -> "not_valid_yet";
      case Revoked _ -> "revoked";
      case InvalidPurpose _ -> "invalid_purpose";
      case BadEncoding _ -> "bad_encoding";
      case UnexpectedIdentity _ -> "unexpected_identity";
      case ForeignTrustDomain _ -> "foreign_trust_domain";
    };
  }

  record UnknownIssuer() implements PeerRejected {
    @Override
    public String text() {
      return "UnknownIssuer";
    }
  }

  record Expired() implements PeerRejected {
    @Override
    public String text() {
      return "Expired";
    }
  }

  record NotValidYet() implements PeerRejected {
    @Override
    public String text() {
      return "NotValidYet";
    }
  }

  record Revoked() implements PeerRejected {
    @Override
    public String text() {
      return "Revoked";
    }
  }

  record InvalidPurpose() implements PeerRejected {
    @Override
    public String text() {
      return "InvalidPurpose";
    }
  }

  record BadEncoding() implements PeerRejected {
    @Override
    public String text() {
      return "BadEncoding";
    }
  }

  /// The server is none of the expected ones.
  record UnexpectedIdentity(List<SpiffeId> expected, List<SpiffeId> presented)
      implements PeerRejected {
    @Override
    public String text() {
      return "Other(OtherError(identity verification error: peer did not present the expected SAN ("
          + joined(expected)
          + "), got "
          + joined(presented)
          + "))";
    }
  }

  /// The client belongs to another trust domain.
  record ForeignTrustDomain(Set<TrustDomain> accepted, List<SpiffeId> presented)
      implements PeerRejected {
    @Override
    public String text() {
      return "Other(OtherError(SanTrustDomainError(\""
          + accepted.stream().map(TrustDomain::name).sorted().collect(Collectors.joining(","))
          + "\", ["
          + presented.stream().map(ForeignTrustDomain::debug).collect(Collectors.joining(", "))
          + "])))";
    }

    private static String debug(SpiffeId id) {
      return "Spiffe { trust_domain: \""
          + id.trustDomain()
          + "\", namespace: \""
          + id.namespace()
          + "\", service_account: \""
          + id.serviceAccount()
          + "\" }";
    }
  }

  private static String joined(List<SpiffeId> ids) {
    return ids.stream().map(SpiffeId::uri).collect(Collectors.joining(","));
  }
}
