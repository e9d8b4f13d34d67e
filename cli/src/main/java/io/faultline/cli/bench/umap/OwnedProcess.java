package io.faultline.cli.bench.umap;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A child process that is killed when this is closed, and when this JVM ends. */
final class OwnedProcess implements AutoCloseable {
  private static final Duration END = Duration.ofSeconds(20);

  private final Process process;
  private final Thread hook;

  OwnedProcess(Process process) {
    this.process = process;
    this.hook = new Thread(process::destroyForcibly, "kill-child");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  Process process() {
    return process;
  }

  /** Waits for its end; returns whether it has ended. */
  boolean await(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  int exitCode() {
    return process.exitValue();
  }

  /** Asks it to end, and kills it if it does not. */
  void end() throws InterruptedException {
    process.toHandle().destroy();
    if (!await(END)) {
      close();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      boolean _ = await(END);
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // the JVM is exiting: the hook is running or has run
    }
  }
}
