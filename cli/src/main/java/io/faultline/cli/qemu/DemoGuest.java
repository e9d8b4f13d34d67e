package io.faultline.cli.qemu;

import java.io.IOException;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * What runs in the QEMUs of a demo, and how its end is verified. The methods that have a pair are
 * called in the order in which they are here, each once, by one thread at a time.
 */
public interface DemoGuest {
  /** For the user, such as {@code Linux}. */
  String describe();

  /** The RAM of its machine, a multiple of 1 MiB. */
  long memoryBytes();

  /**
   * Arguments of the QEMU on one side, beside those of a machine with so much RAM. May write files.
   */
  List<String> arguments(QemuFiles files, QemuSide side) throws IOException;

  /**
   * Waits until the guest at the source does what it does during a migration.
   *
   * @throws IOException if it does not
   */
  void awaitWorking(QemuPair pair) throws IOException, InterruptedException;

  /** The migration starts as soon as this returns. */
  void migrationStarts(QemuPair pair);

  /** All of the memory has arrived. */
  void memoryArrived(QemuPair pair) throws IOException;

  /** Adds what the guest is to the result of a migration. */
  void describeIn(ObjectNode result);

  /**
   * Adds what the guest saw of a migration that has completed, and whether it is as it should be.
   *
   * @throws IOException if that cannot be found out
   */
  void verify(QemuPair pair, ObjectNode result) throws IOException, InterruptedException;
}
