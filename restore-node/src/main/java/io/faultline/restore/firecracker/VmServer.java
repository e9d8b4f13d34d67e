package io.faultline.restore.firecracker;

import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Serves one VM, from its connection to its end, on a thread of its own. Whatever fails kills the
 * VM first: it would wait for ever for its next page.
 */
final class VmServer {
  private static final int EXIT_MILLIS = 10_000;
  private static final Set<Feature> IMPOSSIBLE =
      EnumSet.of(Feature.EVENT_FORK, Feature.EVENT_REMAP, Feature.EVENT_UNMAP);

  private final UffdHandler handler;
  private final VmCounters counters = new VmCounters();
  private @Nullable HeldVm held;

  VmServer(UffdHandler handler) {
    this.handler = handler;
  }

  /** Serves a process that has connected. */
  void serve(DescriptorConnection connection) {
    String name = "a client";
    try (connection) {
      int pid = connection.peerPid();
      name = "process " + pid;
      try (PidFd process = pid == 0 ? null : PidFd.open(pid)) {
        ProcessEntry entry = process == null ? null : new ProcessTable().find(pid);
        if (process == null || entry == null) {
          handler.events().refused(name, "it has exited, or is in another pid namespace");
          return;
        }
        receive(connection, process, new VmId(pid, entry.startTicks()));
      }
    } catch (SystemCallException e) {
      handler.events().refused(name, String.valueOf(e.getMessage()));
    }
  }

  private void receive(DescriptorConnection connection, PidFd process, VmId vm) {
    try (HandshakeReader reader =
        new HandshakeReader(
            connection,
            handler.file().lengthBytes(),
            handler::hasEnded,
            () -> handler.guard().add(vm))) {
      try {
        Handshake handshake = reader.read();
        if (handshake != null) {
          serve(process, vm, handshake, null);
        }
      } catch (RefusedException e) {
        handler.events().refused("process " + vm.pid(), String.valueOf(e.getMessage()));
        if (reader.hasUserfaultfd()) {
          kill(process, "it would wait for its memory for ever");
        }
      } catch (UncheckedIOException e) { // there is no guard
        kill(process, String.valueOf(e.getMessage()));
      } finally {
        handler.guard().drop(vm);
      }
    }
  }

  /** Serves a VM that an earlier handler has left in a directory, if it still runs. */
  void takeOver(Path directory) {
    try {
      HeldVm.Found found = HeldVm.find(directory, handler.file());
      if (found != null) {
        try (PidFd process = found.process()) {
          serve(process, found.id(), found.handshake(), found.vm());
        }
      }
    } catch (IOException | RefusedException | RuntimeException e) {
      handler.events().refused(directory.toString(), String.valueOf(e.getMessage()));
    }
  }

  /**
   * @param earlier what an earlier handler has left of it; null if there was none
   */
  private void serve(PidFd process, VmId vm, Handshake handshake, @Nullable HeldVm earlier) {
    Userfaultfd userfaultfd = null;
    try (Arena arena = Arena.ofShared()) {
      VmState state = state(vm, handshake, earlier, arena);
      userfaultfd = adopt(handshake, state);
      GuestRegions regions = handshake.regions();
      handler
          .events()
          .started(vm.pid(), regions.all().size(), regions.lengthBytes(), earlier != null);
      run(process, vm, regions, userfaultfd, state, arena);
    } catch (RefusedException e) {
      handler.events().refused("process " + vm.pid(), String.valueOf(e.getMessage()));
      releaseHeld();
    } catch (IOException | RuntimeException | Error e) {
      kill(process, String.valueOf(e.getMessage() == null ? e : e.getMessage()));
    } finally {
      if (userfaultfd != null) {
        userfaultfd.close();
      } else {
        FileDescriptors.close(handshake.descriptor());
      }
      handler.guard().drop(vm);
      release(process);
    }
  }

  /** Nobody takes over a VM that has exited; others are left, unless that was done. */
  private void release(PidFd process) {
    if (process.hasExited()) {
      releaseHeld();
    } else if (held != null) {
      held.close();
    }
  }

  private void releaseHeld() {
    if (held != null) {
      held.release();
      held = null;
    }
  }

  private VmState state(VmId vm, Handshake handshake, @Nullable HeldVm earlier, Arena arena)
      throws IOException {
    long pages = handler.file().lengthBytes() / MemoryFile.PAGE_BYTES;
    HeldVms directory = handler.held();
    VmState state;
    if (earlier != null) {
      held = earlier;
      state = earlier.state(pages);
      earlier.replay(handshake.regions(), state.zeroed());
    } else if (directory != null) {
      HeldVm created = directory.create(vm, handshake);
      held = created;
      state = created.state(pages);
      created.keep(vm, handshake.descriptor());
      handler.guard().drop(vm); // another handler can take over from now on
    } else {
      state = VmState.unheld(pages, arena);
    }
    handler.file().addHoles(state.zeroed());
    return state;
  }

  private Userfaultfd adopt(Handshake handshake, VmState state) throws RefusedException {
    try {
      Userfaultfd userfaultfd =
          handler
              .kernel()
              .adoptUserfaultfd(handshake.descriptor(), FaultScope.USER_AND_KERNEL, state.memory());
      if (userfaultfd.features().stream().anyMatch(IMPOSSIBLE::contains)) {
        throw new IllegalStateException(
            "its userfaultfd has features that Firecracker does not ask for: "
                + userfaultfd.features());
      }
      return userfaultfd;
    } catch (IllegalArgumentException e) {
      throw new RefusedException("its descriptor: " + e.getMessage());
    }
  }

  private void run(
      PidFd process,
      VmId vm,
      GuestRegions regions,
      Userfaultfd userfaultfd,
      VmState state,
      Arena arena) {
    if (!userfaultfd.features().contains(Feature.EVENT_REMOVE)) {
      handler
          .events()
          .noted(
              vm.pid(),
              "it does not tell when its guest gives memory back (Firecracker before 1.11): a"
                  + " balloon gets the snapshot's content again");
    }
    boolean isHuge = regions.all().stream().anyMatch(GuestRegion::isHuge);
    try (Pagemap pagemap = isHuge ? pagemap(vm) : null) {
      NeededPages needed = needed(vm);
      VmSession session =
          new VmSession(
              userfaultfd,
              regions,
              handler.file(),
              state.zeroed(),
              counters,
              needed,
              process,
              pagemap,
              handler.stopDescriptor(),
              handler.settings().isBackgroundWanted(),
              () -> completed(vm, needed),
              arena);
      for (GuestRegion region : regions.all()) { // faults that an earlier handler has read
        userfaultfd.wake(region.address(), region.lengthBytes());
      }
      VmSession.End end = session.serve();
      needed.record();
      end(end, session.isIndependent(), process, vm);
    }
  }

  /** It needs nobody any more: so it is not killed if this process is. */
  private void completed(VmId vm, NeededPages needed) {
    handler.guard().drop(vm);
    needed.record();
    handler.events().completed(counters.report(vm.pid()));
  }

  private NeededPages needed(VmId vm) {
    long pages = handler.file().lengthBytes() / MemoryFile.PAGE_BYTES;
    try {
      return handler.settings().isWorkingSetWanted()
          ? NeededPages.beside(
              handler.file().path(), pages, line -> handler.events().noted(vm.pid(), line))
          : NeededPages.none(pages);
    } catch (IOException e) {
      handler.events().noted(vm.pid(), "no working set: " + e);
      return NeededPages.none(pages);
    }
  }

  private @Nullable Pagemap pagemap(VmId vm) {
    try {
      return handler.kernel().openPagemap(vm.pid());
    } catch (SystemCallException e) {
      handler
          .events()
          .noted(
              vm.pid(),
              "its page table cannot be read ("
                  + e.getMessage()
                  + "): if the pool of huge pages is exhausted, its faults are repeated without a"
                  + " pause");
      return null;
    }
  }

  private void end(VmSession.End end, boolean isIndependent, PidFd process, VmId vm) {
    if (end == VmSession.End.EXITED) {
      handler.events().exited(counters.report(vm.pid()));
    } else if (isIndependent) {
      releaseHeld();
    } else if (held != null) {
      handler.events().left(vm.pid());
    } else {
      kill(process, "the handler ends, and the VM still needs it");
    }
  }

  private void kill(PidFd process, String why) {
    boolean isKilled = process.sendSignal(PidFd.SIGKILL);
    boolean _ = process.awaitExit(EXIT_MILLIS);
    if (isKilled) {
      handler.events().killed(process.pid(), why);
    }
  }
}
