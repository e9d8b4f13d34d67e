package io.faultline.uffd.linux.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.linux.ChildProcess;
import io.faultline.uffd.linux.ChildProgram;
import io.faultline.uffd.linux.LinuxProbe;
import java.util.Objects;

/** A forked copy of this process that has run a program and sleeps. */
final class StoppedChild implements AutoCloseable {
  private final ChildProgram program;
  private final ChildProcess process;
  private final PidFd pidfd;

  /**
   * @param program the steps before the sleep
   * @param readable an address of this process with any value but 0
   */
  StoppedChild(ChildProgram program, long readable) {
    this.program = program;
    int last = program.load(readable);
    program.pause();
    process = new LinuxProbe().fork(program);
    while (program.result(last) == 0) {
      Thread.onSpinWait();
    }
    pidfd = Objects.requireNonNull(PidFd.open(process.id()));
  }

  static void requireIt() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "child processes need x86-64");
  }

  PidFd pidfd() {
    return pidfd;
  }

  int pid() {
    return process.id();
  }

  /** Kills and reaps the process. */
  void kill() {
    process.close();
  }

  @Override
  public void close() {
    process.close();
    pidfd.close();
    program.close();
  }
}
