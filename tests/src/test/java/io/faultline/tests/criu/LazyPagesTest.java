package io.faultline.tests.criu;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@code lazy-pages} for processes that change their address space while their memory arrives from
 * a stock {@code criu dump --lazy-pages}. CRIU's own daemon hangs in most of these.
 */
class LazyPagesTest {
  @RegisterExtension private static final Labs LABS = new Labs();

  private final SlowMove move = new SlowMove(LABS, LABS.ownDaemon());

  @ParameterizedTest
  @EnumSource
  void memoryIsRight(Scenario scenario) throws Exception {
    move.run(scenario);
  }

  @Test
  void memoryOfATreeWithAZombieIsRight() throws Exception {
    move.runTree(3);
  }
}
