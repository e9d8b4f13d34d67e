package io.faultline.restore.firecracker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.faultline.restore.file.MappedFile;
import io.faultline.uffd.linux.process.DetachedProcess;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A VM whose userfaultfd is kept open by a sleeping process until it exits ({@link
 * ShellScript#HOLDER}), so that another handler can take over if this one ends or is killed. Its
 * directory has:
 *
 * <pre>
 *   handshake   the message of Firecracker
 *   zeroed      the {@link ZeroedPages}
 *   events      the {@link LastEvents}
 *   holder      pid and start time of the VM, and of the process that keeps its userfaultfd open;
 *               written last: without it nothing can be taken over
 * </pre>
 *
 * <p>Confined to the VM's thread.
 */
final class HeldVm implements AutoCloseable {
  private static final String HOLDER = "holder";
  private static final String HANDSHAKE = "handshake";
  private static final int COLUMNS = 4;

  private final Path directory;
  private final MappedFile zeroed;
  private final MappedFile events;

  private HeldVm(Path directory) throws IOException {
    this.directory = directory;
    zeroed = MappedFile.open(directory.resolve("zeroed"));
    events = MappedFile.open(directory.resolve("events"));
  }

  /**
   * Starts to hold a VM.
   *
   * @param directory does not exist
   * @throws IOException if it cannot be written
   */
  static HeldVm create(Path directory, Handshake handshake) throws IOException {
    Files.createDirectory(directory);
    Files.writeString(directory.resolve(HANDSHAKE), handshake.text());
    return new HeldVm(directory);
  }

  /** The state, once its file has the size for so many pages. */
  VmState state(long pages) {
    zeroed.require(ZeroedPages.bytes(pages));
    return new VmState(new ZeroedPages(zeroed.memory(), pages), new LastEvents(events));
  }

  /** Adds what an earlier handler read but maybe did not apply. */
  void replay(GuestRegions regions, ZeroedPages pages) {
    new LastEvents(events).replay((start, end) -> pages.addRemoved(regions, start, end));
  }

  /** From now on another handler can take over. */
  void keep(VmId vm, int descriptor) throws IOException {
    DetachedProcess holder =
        ShellScript.HOLDER.start(List.of(vm.pid() + "", vm.startTicks() + ""), descriptor);
    String line =
        vm.pid() + " " + vm.startTicks() + " " + holder.pid() + " " + holder.startTicks() + "\n";
    Path next = Files.writeString(directory.resolve("holder.new"), line);
    Files.move(next, directory.resolve(HOLDER), StandardCopyOption.ATOMIC_MOVE);
  }

  /** What another handler needs. */
  record Found(HeldVm vm, PidFd process, VmId id, Handshake handshake) {}

  /**
   * Takes over a VM.
   *
   * @return null if it is gone, or an earlier handler did not get as far; then nothing is left
   * @throws IOException if the files cannot be read
   * @throws RefusedException if the memory file is not that of the VM
   */
  static @Nullable Found find(Path directory, MemoryFile file)
      throws IOException, RefusedException {
    Path holder = directory.resolve(HOLDER);
    if (!Files.exists(holder)) {
      delete(directory);
      return null;
    }
    String[] columns = Files.readString(holder).strip().split(" ", -1);
    if (columns.length != COLUMNS) {
      throw new IOException(holder + " is damaged: delete " + directory);
    }
    PidFd keeper = PidFd.open(Integer.parseInt(columns[2]), Long.parseLong(columns[3]));
    PidFd process = PidFd.open(Integer.parseInt(columns[0]), Long.parseLong(columns[1]));
    if (keeper == null || process == null || process.hasExited()) {
      end(keeper);
      delete(directory);
      if (process != null) {
        process.close();
      }
      return null;
    }
    String text = Files.readString(directory.resolve(HANDSHAKE), UTF_8);
    GuestRegions regions = HandshakeParser.parse(text, file.lengthBytes());
    if (regions == null) {
      throw new IOException(directory + "/" + HANDSHAKE + " is damaged: delete " + directory);
    }
    try (keeper) {
      int descriptor = keeper.duplicate(DetachedProcess.FIRST_DESCRIPTOR).orElseThrow();
      VmId id = new VmId(process.pid(), Long.parseLong(columns[1]));
      return new Found(
          new HeldVm(directory), process, id, new Handshake(descriptor, text, regions));
    }
  }

  /** The VM is gone, or needs no handler: nobody takes over. */
  void release() {
    close();
    try {
      String[] columns = Files.readString(directory.resolve(HOLDER)).strip().split(" ", -1);
      end(PidFd.open(Integer.parseInt(columns[2]), Long.parseLong(columns[3])));
      delete(directory);
    } catch (IOException e) {
      // the next handler finds that the VM is gone
    }
  }

  private static void end(@Nullable PidFd keeper) {
    if (keeper != null) {
      keeper.sendSignal(PidFd.SIGKILL);
      keeper.close();
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }

  /** Leaves it to another handler. */
  @Override
  public void close() {
    zeroed.close();
    events.close();
  }
}
