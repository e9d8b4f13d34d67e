package io.faultline.cli.bench.criu;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A host of the lab: pid, mount, network, UTS and IPC namespaces, so that the frozen source and the
 * restored process can have the same pids and ports. Files are those of the machine. The
 * namespaces' first process reads its standard input and so ends with this JVM, and everything in
 * the host with it.
 */
public final class Host implements AutoCloseable {
  private static final long END_SECONDS = 20;

  private static final String FIRST_PROCESS = "echo ready; exec cat >/dev/null";

  /** No process waits for orphans here, so that they stay zombies until the host is closed. */
  private static final char ZOMBIE = 'Z';

  private final Process holder;
  private final long firstPid;

  private Host(Process holder, long firstPid) {
    this.holder = holder;
    this.firstPid = firstPid;
  }

  /**
   * Creates the namespaces.
   *
   * @throws LabUnavailableException if this user may not
   */
  static Host create() throws IOException, LabUnavailableException {
    Process holder = startHolder();
    try {
      BufferedReader output = holder.inputReader();
      String line = output.readLine();
      Optional<ProcessHandle> first = holder.children().findFirst();
      if (!"ready".equals(line) || first.isEmpty()) {
        throw new LabUnavailableException("no namespaces, which need root: " + line);
      }
      return new Host(holder, first.get().pid());
    } catch (IOException | LabUnavailableException e) {
      holder.destroyForcibly();
      throw e;
    }
  }

  private static Process startHolder() throws LabUnavailableException {
    String[] command = {
      "unshare",
      "-p",
      "-f",
      "-m",
      "-n",
      "-u",
      "-i",
      "--mount-proc",
      "--kill-child",
      "sh",
      "-c",
      FIRST_PROCESS
    };
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new LabUnavailableException("unshare (util-linux) is not installed");
    }
  }

  /** A command that runs in this host. */
  List<String> command(List<String> command) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("nsenter", "-t", Long.toString(firstPid), "-p", "-m", "-n", "-u", "-i"));
    all.add("--");
    all.addAll(command);
    return all;
  }

  /**
   * Runs a command in this host to its end; returns its output.
   *
   * @throws IOException if it fails
   */
  public String run(String... command) throws IOException, InterruptedException {
    return Commands.run(command(List.of(command)));
  }

  /** Connects two hosts with a pair of virtual Ethernet devices. */
  static void connect(Host one, String oneAddress, String device, Host other, String otherAddress)
      throws IOException, InterruptedException {
    Commands.run(
        List.of(
            ("ip link add "
                    + device
                    + " netns "
                    + one.firstPid
                    + " type veth peer name veth0 netns "
                    + other.firstPid)
                .split(" ", -1)));
    one.configure(device, oneAddress);
    other.configure("veth0", otherAddress);
  }

  private void configure(String device, String address) throws IOException, InterruptedException {
    run(
        "sh",
        "-c",
        "ip addr add "
            + address
            + "/24 dev "
            + device
            + " && ip link set "
            + device
            + " up && ip link set lo up");
  }

  /** Takes the network down or up again: connections hang, and none is closed. */
  public void setLink(String device, boolean up) throws IOException, InterruptedException {
    run("ip", "link", "set", device, up ? "up" : "down");
  }

  /** Sets the pid of the next process in this host. */
  void chooseNextPid(int pid) throws IOException, InterruptedException {
    run("sh", "-c", "echo " + (pid - 1) + " >/proc/sys/kernel/ns_last_pid");
  }

  /** The kernel's letter for the state of a process in this host; empty if it has ended. */
  public Optional<Character> state(int pid) throws IOException {
    Path status = Path.of("/proc", Long.toString(firstPid), "root/proc", pid + "", "status");
    if (!Files.exists(status)) {
      return Optional.empty();
    }
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("State:"))
          .map(line -> line.charAt("State:\t".length()))
          .filter(state -> state != ZOMBIE)
          .findFirst();
    } catch (IOException e) {
      return Optional.empty(); // it ended meanwhile
    }
  }

  /** Ends every process in this host. */
  @Override
  public void close() {
    ProcessHandle.of(firstPid).ifPresent(ProcessHandle::destroyForcibly);
    try {
      if (!holder.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        holder.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
