package dev.kiri.waypoint.config;

import dev.kiri.waypoint.config.v1.Fraction;
import dev.kiri.waypoint.route.DirectResponse;
import dev.kiri.waypoint.route.Fault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Compiles what a rule answers without a backend. Pure.
final class RuleAnswers {
  private static final int MAX_BODY = 1 << 20;

  private RuleAnswers() {}

  static DirectResponse direct(dev.kiri.waypoint.config.v1.DirectResponse direct, String field) {
    if (direct.getBody().size() > MAX_BODY) {
      throw new InvalidConfig(field + ".body", "longer than " + MAX_BODY + " bytes");
    }
    return new DirectResponse(
        status(direct.getStatus(), field + ".status"),
        direct.getBody().toString(StandardCharsets.ISO_8859_1));
  }

  static Fault fault(dev.kiri.waypoint.config.v1.Fault fault, String field) {
    Fault.Delay delay = null;
    if (fault.hasDelay()) {
      Duration duration =
          HttpRuleCompiler.timeout(true, fault.getDelay().getDuration(), field + ".delay.duration");
      delay =
          new Fault.Delay(
              duration == null ? Duration.ZERO : duration,
              share(fault.getDelay().getShare(), field + ".delay.share"));
    }
    Fault.Abort abort = null;
    if (fault.hasAbort()) {
      double share = share(fault.getAbort().getShare(), field + ".abort.share");
      abort =
          switch (fault.getAbort().getStatusCase()) {
            case HTTP_STATUS ->
                new Fault.Abort(
                    status(fault.getAbort().getHttpStatus(), field + ".abort.http_status"),
                    -1,
                    share);
            case GRPC_STATUS -> new Fault.Abort(200, fault.getAbort().getGrpcStatus(), share);
            case STATUS_NOT_SET ->
                throw new InvalidConfig(field + ".abort", "no status this proxy knows");
          };
    }
    return new Fault(delay, abort);
  }

  static double share(Fraction fraction, String field) {
    long denominator = Integer.toUnsignedLong(fraction.getDenominator());
    long numerator = Integer.toUnsignedLong(fraction.getNumerator());
    if (denominator == 0 || numerator > denominator) {
      throw new InvalidConfig(field, "not between 0 and 1");
    }
    return (double) numerator / denominator;
  }

  private static int status(int status, String field) {
    if (status < 200 || status > 599) {
      throw new InvalidConfig(field, status + " is not between 200 and 599");
    }
    return status;
  }
}
