package dev.kiri.cli.dump;

import dev.kiri.cli.output.Table;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;

/// The table of `ztunnel-config certificate`.
public final class CertificateTable {
  private static final List<String> HEADER =
      List.of(
          "CERTIFICATE NAME",
          "TYPE",
          "STATUS",
          "VALID CERT",
          "SERIAL NUMBER",
          "NOT AFTER",
          "NOT BEFORE");

  private final Instant now;
  private final Table table = new Table(Table.WIDE, HEADER);

  private CertificateTable(Instant now) {
    this.now = now;
  }

  public static String of(ConfigDump dump, Instant now) {
    var certificates = new CertificateTable(now);
    dump.certificates().forEach(certificates::add);
    return certificates.table.text();
  }

  private void add(Element entry) {
    var identity = entry.text("identity");
    var state = entry.text("state");
    var status = state.contains("Unavailable") ? "Unavailable" : state;
    var chain = entry.elements("certChain");
    var roots = entry.elements("rootCerts");
    if (chain.isEmpty()) {
      table.row(identity, "NA", status, "false", "NA", "NA", "NA");
      return;
    }
    // Older proxies put the root at the end of the chain and left the list of roots empty.
    boolean rootInChain = roots.isEmpty();
    for (int i = 0; i < chain.size(); i++) {
      boolean last = i == chain.size() - 1;
      var type = last && rootInChain ? "Root" : i == 0 ? "Leaf" : "Intermediate";
      row(identity, type, status, chain.get(i));
    }
    roots.forEach(root -> row(identity, "Root", status, root));
  }

  private void row(String identity, String type, String status, Element certificate) {
    var notAfter = certificate.text("expirationTime");
    var notBefore = certificate.text("validFrom");
    table.row(
        identity,
        type,
        status,
        Boolean.toString(isValid(notBefore, notAfter)),
        hexadecimal(certificate.text("serialNumber")),
        notAfter.isEmpty() ? "NA" : notAfter,
        notBefore.isEmpty() ? "NA" : notBefore);
  }

  private boolean isValid(String notBefore, String notAfter) {
    try {
      return Instant.parse(notBefore).isBefore(now) && Instant.parse(notAfter).isAfter(now);
    } catch (DateTimeException e) {
      return false;
    }
  }

  /// Dumps write serial numbers in decimal, certificate tools in hexadecimal.
  private static String hexadecimal(String serial) {
    try {
      return serial.isEmpty() ? "NA" : new BigInteger(serial).toString(16);
    } catch (NumberFormatException e) {
      return serial;
    }
  }
}
