package dev.kiri.controlplane;

import dev.kiri.controlplane.ca.RootAuthority;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the root and the serving certificate good while the control plane runs: one thread, which
/// sleeps between its looks. Thread-safe.
final class Renewal implements AutoCloseable {
  /// How often the root and the serving certificate are looked at.
  private static final Duration RENEWAL = Duration.ofHours(8);

  /// How often it is looked whether another root was put in the place of ours.
  private static final Duration LOOK = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger("controlplane");

  private final RootAuthority root;
  private final Consumer<String> distribute;
  private final SecureServer secure;
  private final Thread thread = Thread.ofVirtual().name("renewal").unstarted(this::renew);

  /// `distribute` tells proxies which roots to trust, as PEM.
  Renewal(RootAuthority root, Consumer<String> distribute, SecureServer secure) {
    this.root = root;
    this.distribute = distribute;
    this.secure = secure;
  }

  void start() {
    thread.start();
  }

  private void renew() {
    try {
      for (long looks = 1; ; looks++) {
        Thread.sleep(LOOK);
        follow();
        if (looks % RENEWAL.dividedBy(LOOK) == 0) {
          renewNow();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("renewal ended");
    }
  }

  private void renewNow() {
    try {
      if (root.renewIfDue()) {
        LOG.warn("the root certificate was renewed and is being distributed");
        distribute.accept(root.pem());
      }
      secure.renew();
    } catch (IOException | GeneralSecurityException e) {
      LOG.error("renewing certificates failed, next attempt in {}", RENEWAL, e);
    }
  }

  /// Takes another root over, if there is one in the store that proxies trust.
  void follow() {
    try {
      switch (root.follow()) {
        case RootAuthority.Followed.Same() -> {}
        case RootAuthority.Followed.Taken() -> {
          LOG.warn("another root signs from now on; the one before stays trusted");
          distribute.accept(root.pem());
          secure.renew();
        }
        case RootAuthority.Followed.NotTaken(String why) -> LOG.error("{}", why);
      }
    } catch (IOException | GeneralSecurityException e) {
      LOG.error("looking at the root failed, next attempt in {}", LOOK, e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
