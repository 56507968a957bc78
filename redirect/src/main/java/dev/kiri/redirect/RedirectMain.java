package dev.kiri.redirect;

import dev.kiri.redirect.agent.Agent;

/// Starts the node agent. Flags `--objects DIR`, `--overlay DIR`, `--node NAME` stand for the
/// environment variables `KIRI_OBJECTS`, `KIRI_OVERLAY`, `NODE_NAME`; `--aot-train` makes a
/// training run. Exits with 2 for wrong settings and with 1 when this machine does not let it work.
public final class RedirectMain {
  private RedirectMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    System.exit(Agent.run(arguments, System.getenv()));
  }
}
