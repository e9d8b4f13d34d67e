package io.faultline.cli.process;

import io.faultline.cli.report.ResultFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.node.ObjectNode;

/** Restores of a snapshot in child JVMs, each ready before the file is opened. */
public final class LocalRestore {
  private static final String READY = "ready";
  private static final String COMMAND = "restore";

  private final NodeLauncher launcher;
  private final Duration limit;

  /**
   * @param scratch a directory for the files of the nodes
   * @param engineName kernel or simulated
   * @param limit of each step
   */
  public LocalRestore(Path scratch, String engineName, Duration limit) {
    launcher = new NodeLauncher(scratch, engineName, List.of());
    this.limit = limit;
  }

  /**
   * Restores a snapshot once.
   *
   * @param options of the command, without those of the output
   * @param whenReady runs when the node waits for the word
   * @return its result
   * @throws IOException if it did not succeed
   */
  public ObjectNode run(Path snapshot, List<String> options, Runnable whenReady)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(List.of("--standby", snapshot.toString()));
    try (ChildNode node = launcher.startWithoutState(COMMAND, arguments)) {
      String line = node.readLine(limit);
      if (!READY.equals(line)) {
        throw new IOException("the restore did not get ready: " + node.lastError());
      }
      whenReady.run();
      node.sendLine();
      if (!node.await(limit)) {
        throw new IOException("the restore did not end within " + limit);
      }
      if (node.await() != 0) {
        throw new IOException("the restore failed: " + node.lastError());
      }
      return ResultFile.read(launcher.result(COMMAND));
    } catch (TimeoutException e) {
      throw new IOException("the restore did not get ready within " + limit, e);
    }
  }
}
