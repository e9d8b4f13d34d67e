package io.faultline.paging;

import io.faultline.uffd.Errno;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;

/** What the threads of a {@link TwoPageProgram} do. */
enum TwoPageScenario {
  EVICTION_AND_RESCUE {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 4, 0, 1)
          .evictor(8)
          .writer()
          .handlers(1);
    }
  },
  /** A page is staged again while an older write of it goes on. */
  TWO_WRITERS {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 4, 0, 1)
          .evictor(8)
          .writers(2)
          .flusher(1)
          .handlers(1);
    }
  },
  SHARED_PAGES {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 2, 0, 1)
          .evictor(4)
          .guest(1, 2, 1, 0)
          .writer()
          .handlers(2);
    }
  },
  FLUSH {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 5, 0, 1)
          .writer()
          .evictor(10)
          .flusher(5)
          .handlers(1);
    }
  },
  FLUSH_OF_SHARED_PAGES {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 4, 0)
          .flusher(4)
          .guest(1, 4, 0, 1)
          .evictor(8)
          .writer()
          .handlers(2);
    }
  },
  DISCARD {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .discarder(0, 3)
          .evictor(5)
          .writer()
          .reader(2, 0, 1)
          .handlers(1);
    }
  },
  /** A page that is being written can be rescued only once the write has freed a frame. */
  NO_SPARE_FRAME {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 2, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 2, 0, 1)
          .evictorOnDemand()
          .writer()
          .reader(2, 1, 0)
          .handlers(2);
    }
  },
  JAVA_CODE {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .java(0, 3, 0, 1)
          .evictor(5)
          .guest(1, 2, 1, 0)
          .writer()
          .flusher(1)
          .handlers(1);
    }
  },
  /** The kernel refuses every other rescue. */
  REFUSED_RESCUES {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      int[] calls = new int[1];
      return rescuing(memory, passesOn, () -> calls[0]++ % 2 == 0 ? Errno.EBUSY : 0);
    }
  },
  /** No rescue succeeds: a page is read from the store once it is there. */
  NO_RESCUE {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return rescuing(memory, passesOn, () -> Errno.EINVAL);
    }
  },
  /** The kernel refuses every other call that protects pages or makes them writable. */
  REFUSED_PROTECTION {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      int[] calls = new int[1];
      return new TwoPageProgram(
              memory,
              4,
              passesOn,
              (call, arguments, staging, staged) ->
                  call.equals("writeProtect") && calls[0]++ % 2 == 0 ? Errno.EINVAL : 0)
          .guest(0, 4, 0, 1)
          .writer()
          .evictor(8)
          .flusher(4)
          .handlers(1);
    }
  },
  /** The application unmaps pages, which are in the file still. */
  UNMAPPED_PAGES {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 4, 0, 1)
          .unmapper(4)
          .evictor(6)
          .flusher(2)
          .writer()
          .handlers(1);
    }
  };

  private static TwoPageProgram rescuing(
      ProgramMemory memory, IntPredicate passesOn, IntSupplier refusal) {
    return new TwoPageProgram(
            memory,
            4,
            passesOn,
            (call, arguments, staging, staged) -> {
              long source = call.equals("copy") || call.equals("move") ? (long) arguments[1] : 0;
              boolean isRescue = isWithin(source, staging) || isWithin(source, staged);
              return isRescue ? refusal.getAsInt() : 0;
            })
        .guest(0, 4, 0, 1)
        .evictor(8)
        .writer()
        .flusher(1)
        .handlers(1);
  }

  private static boolean isWithin(long address, long twoPages) {
    return address >= twoPages && address < twoPages + 2 * PagingKernels.PAGE;
  }

  /** Whether it is possible with this memory. */
  boolean isFor(ProgramMemory memory) {
    return switch (this) {
      case JAVA_CODE -> memory == ProgramMemory.PRIVATE; // that of another process is not mapped
      case UNMAPPED_PAGES -> memory == ProgramMemory.SHARED; // private pages would be lost
      default -> true;
    };
  }

  /** What happens in some interleavings. */
  Set<Counter> reaches() {
    return switch (this) {
      case EVICTION_AND_RESCUE ->
          Set.of(Counter.RESCUED, Counter.EVICTED_DIRTY, Counter.PAGES_WRITTEN);
      case TWO_WRITERS -> Set.of(Counter.RESCUED, Counter.PAGES_WRITTEN);
      case SHARED_PAGES -> Set.of(Counter.RESCUED, Counter.EVICTED_DIRTY);
      case FLUSH -> Set.of(Counter.RESCUED, Counter.PROTECT_FAULTS, Counter.EVICTED_CLEAN);
      case FLUSH_OF_SHARED_PAGES -> Set.of(Counter.RESCUED, Counter.PROTECT_FAULTS);
      case DISCARD -> Set.of(Counter.RESCUED, Counter.EVICTED_DIRTY);
      case NO_SPARE_FRAME -> Set.of(Counter.EVICTED_DIRTY, Counter.PAGES_WRITTEN);
      case JAVA_CODE -> Set.of(Counter.RESCUED, Counter.EVICTED_DIRTY);
      case REFUSED_RESCUES -> Set.of(Counter.RESCUED, Counter.BUSY);
      case NO_RESCUE -> Set.of(Counter.EVICTED_DIRTY, Counter.PAGES_WRITTEN);
      case UNMAPPED_PAGES -> Set.of(Counter.RESCUED, Counter.EVICTED_DIRTY);
      case REFUSED_PROTECTION -> Set.of(Counter.RESCUED, Counter.PROTECT_FAULTS);
    };
  }

  abstract TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn);
}
