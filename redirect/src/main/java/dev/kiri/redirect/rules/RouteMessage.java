package dev.kiri.redirect.rules;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The netlink requests of [PolicyRouting], byte for byte (rtnetlink(7), linux/fib_rules.h). Pure.
final class RouteMessage {
  static final int HEADER_BYTES = 16;

  private static final short RTM_NEWROUTE = 24;
  private static final short RTM_DELROUTE = 25;
  private static final short RTM_NEWRULE = 32;
  private static final short RTM_DELRULE = 33;
  private static final int NLM_F_REQUEST = 0x1;
  private static final int NLM_F_ACK = 0x4;
  private static final int NLM_F_REPLACE = 0x100;
  private static final int NLM_F_EXCL = 0x200;
  private static final int NLM_F_CREATE = 0x400;
  private static final byte FR_ACT_TO_TBL = 1;
  private static final byte RTN_LOCAL = 2;
  private static final byte RTPROT_STATIC = 4;
  private static final byte RT_SCOPE_HOST = (byte) 254;
  private static final short FRA_PRIORITY = 6;
  private static final short FRA_FWMARK = 10;
  private static final short FRA_FWMASK = 16;
  private static final short RTA_OIF = 4;
  private static final short TABLE_ATTRIBUTE = 15;
  // The loopback interface is the first of every namespace.
  private static final int LOOPBACK_INDEX = 1;

  private RouteMessage() {}

  static byte[] addRule(int family) {
    return rule(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, family);
  }

  static byte[] deleteRule(int family) {
    return rule(RTM_DELRULE, 0, family);
  }

  static byte[] addRoute(int family) {
    return route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, family);
  }

  static byte[] deleteRoute(int family) {
    return route(RTM_DELROUTE, 0, family);
  }

  // struct fib_rule_hdr: family, two prefix lengths, tos, table, two reserved, action, flags.
  private static byte[] rule(short type, int flags, int family) {
    var message = begin(type, flags);
    message.put((byte) family).put((byte) 0).put((byte) 0).put((byte) 0);
    message.put((byte) Marks.ROUTE_TABLE).put((byte) 0).put((byte) 0).put(FR_ACT_TO_TBL);
    message.putInt(0);
    attribute(message, FRA_PRIORITY, Marks.ROUTE_RULE_PRIORITY);
    attribute(message, FRA_FWMARK, Marks.REPLY);
    attribute(message, FRA_FWMASK, Marks.MASK);
    attribute(message, TABLE_ATTRIBUTE, Marks.ROUTE_TABLE);
    return end(message);
  }

  // struct rtmsg: family, two prefix lengths, tos, table, protocol, scope, type, flags.
  private static byte[] route(short type, int flags, int family) {
    var message = begin(type, flags);
    message.put((byte) family).put((byte) 0).put((byte) 0).put((byte) 0);
    message.put((byte) Marks.ROUTE_TABLE).put(RTPROT_STATIC).put(RT_SCOPE_HOST).put(RTN_LOCAL);
    message.putInt(0);
    attribute(message, RTA_OIF, LOOPBACK_INDEX);
    attribute(message, TABLE_ATTRIBUTE, Marks.ROUTE_TABLE);
    return end(message);
  }

  // struct nlmsghdr: length, type, flags, sequence, port.
  private static ByteBuffer begin(short type, int flags) {
    var message = ByteBuffer.allocate(128).order(ByteOrder.nativeOrder());
    message.putInt(0).putShort(type).putShort((short) (NLM_F_REQUEST | NLM_F_ACK | flags));
    return message.putInt(1).putInt(0);
  }

  private static void attribute(ByteBuffer message, short type, int value) {
    message.putShort((short) 8).putShort(type).putInt(value);
  }

  private static byte[] end(ByteBuffer message) {
    message.putInt(0, message.position());
    var bytes = new byte[message.position()];
    message.flip().get(bytes);
    return bytes;
  }
}
