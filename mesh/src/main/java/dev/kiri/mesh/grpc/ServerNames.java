package dev.kiri.mesh.grpc;

import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The names a server's certificate is for: DNS names, where `*.` stands for one label (RFC 9525
/// 6.3), and addresses. The subject is not looked at.
record ServerNames(List<String> dns, List<InetAddress> addresses) {
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  static ServerNames of(X509Certificate certificate) {
    var dns = new ArrayList<String>();
    var addresses = new ArrayList<InetAddress>();
    try {
      var names = certificate.getSubjectAlternativeNames();
      for (var name : names == null ? List.<List<?>>of() : names) {
        if (name.get(0) instanceof Integer kind && name.get(1) instanceof String value) {
          switch (kind) {
            case DNS_NAME -> dns.add(value.toLowerCase(Locale.ROOT));
            case IP_ADDRESS -> addresses.add(InetAddress.ofLiteral(value));
            default -> {}
          }
        }
      }
    } catch (CertificateParsingException unreadable) {
      return new ServerNames(List.of(), List.of());
    }
    return new ServerNames(List.copyOf(dns), List.copyOf(addresses));
  }

  boolean include(String host) {
    var literal = literal(host);
    if (literal != null) {
      return addresses.contains(literal);
    }
    String name = host.toLowerCase(Locale.ROOT);
    int dot = name.indexOf('.');
    return dns.contains(name) || (dot > 0 && dns.contains("*" + name.substring(dot)));
  }

  private static @Nullable InetAddress literal(String host) {
    try {
      return InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException noAddress) {
      return null;
    }
  }

  @Override
  public String toString() {
    var all = new ArrayList<>(dns);
    addresses.forEach(address -> all.add(address.getHostAddress()));
    return all.isEmpty() ? "no name" : String.join(", ", all);
  }
}
