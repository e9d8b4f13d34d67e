package io.faultline.cli.report.page;

import io.faultline.cli.recording.DestinationSide;
import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.recording.Samples;
import io.faultline.cli.recording.SourceSide;
import io.faultline.dest.recording.ArrivedCells;
import io.faultline.dest.recording.FaultKind;
import io.faultline.dest.recording.IncomingEvents;
import io.faultline.dest.recording.IncomingMilestones;
import io.faultline.dest.recording.OutageLog;
import io.faultline.dest.recording.ResolvedFaults;
import io.faultline.dest.recording.TimeBuckets;
import io.faultline.dest.recording.Way;
import io.faultline.source.recording.OutgoingEvents;
import io.faultline.source.recording.OutgoingMilestones;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A recording of a hybrid migration that never happened: two precopy rounds, a downtime of 2 ms,
 * ten seconds of postcopy, and an outage.
 */
final class SyntheticMigration {
  static final long MS = 1_000_000;
  static final long START = 500_000 * MS;
  static final long PREPARED = START + 100 * MS;
  static final long PAUSE = PREPARED + 3_000 * MS;
  static final long RUN = PAUSE + 2 * MS;
  static final long END = RUN + 10_000 * MS;
  static final String REASON = "reset by <peer> & \"others\"";

  private static final long PAGE_BYTES = 4096;

  private final SplittableRandom random = new SplittableRandom(11);
  private final long ramBytes;
  private final int faults;
  private final int vcpus;

  SyntheticMigration(long ramBytes, int faults, int vcpus) {
    this.ramBytes = ramBytes;
    this.faults = faults;
    this.vcpus = vcpus;
  }

  MigrationRecording recording() {
    return new MigrationRecording(source(), destination());
  }

  SourceSide source() {
    OutgoingMilestones times =
        new OutgoingMilestones(
            START,
            PREPARED,
            PREPARED,
            PAUSE,
            PAUSE + MS / 10,
            PAUSE + MS / 5,
            PAUSE + MS / 5,
            PAUSE + MS / 2,
            MS / 4,
            MS / 2,
            RUN,
            0,
            END);
    List<OutgoingEvents.State> states =
        List.of(
            new OutgoingEvents.State("SETUP", START + MS, ""),
            new OutgoingEvents.State("PRECOPY", PREPARED, ""),
            new OutgoingEvents.State("SWITCHOVER", PAUSE, ""),
            new OutgoingEvents.State("POSTCOPY", RUN, ""),
            new OutgoingEvents.State("PAUSED", RUN + 4_000 * MS, REASON),
            new OutgoingEvents.State("RECOVERING", RUN + 4_800 * MS, ""),
            new OutgoingEvents.State("POSTCOPY", RUN + 5_000 * MS, ""),
            new OutgoingEvents.State("COMPLETED", END, ""));
    List<OutgoingEvents.Round> rounds =
        List.of(
            new OutgoingEvents.Round(1, PREPARED, PREPARED + 2_000 * MS, ramBytes, ramBytes / 4),
            new OutgoingEvents.Round(2, PREPARED + 2_000 * MS, PAUSE, ramBytes / 4, ramBytes / 8));
    return new SourceSide(new OutgoingEvents(times, states, rounds, 0), ramBytes, samples());
  }

  private Samples samples() {
    long[] nanos = new long[2000];
    long[] sent = new long[nanos.length];
    long[] remaining = new long[nanos.length];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = START + (END - START) / nanos.length * i;
      sent[i] = ramBytes / nanos.length * i;
      remaining[i] = ramBytes - sent[i];
    }
    return new Samples(nanos, sent, remaining);
  }

  DestinationSide destination() {
    IncomingMilestones times =
        new IncomingMilestones(
            START + MS, PREPARED - MS, PAUSE + MS, PAUSE + MS + MS / 4, RUN - MS / 2, RUN, END);
    List<OutageLog.Outage> outages =
        List.of(new OutageLog.Outage(RUN + 4_000 * MS, RUN + 5_000 * MS, REASON));
    List<List<TimeBuckets.Series>> arrived = new ArrayList<>();
    for (Way way : Way.values()) {
      arrived.add(
          List.of(busy(way == Way.PRECOPY ? PREPARED : RUN, 1000), TimeBuckets.Series.EMPTY));
    }
    List<TimeBuckets.Series> blocked = new ArrayList<>();
    for (int vcpu = 0; vcpu < vcpus; vcpu++) {
      blocked.add(busy(RUN, 9_000_000));
    }
    IncomingEvents events =
        new IncomingEvents(times, resolved(), busy(RUN, faults), cells(), arrived, outages);
    return new DestinationSide(events, PAGE_BYTES, blocked);
  }

  private TimeBuckets.Series busy(long origin, int most) {
    long[] sums = new long[1024];
    Arrays.setAll(sums, i -> random.nextInt(most + 1));
    return new TimeBuckets.Series(origin, 9 * MS, sums);
  }

  private ResolvedFaults resolved() {
    long[] read = new long[faults];
    long[] pages = new long[faults];
    long[] latency = new long[faults];
    int[] kinds = new int[faults];
    for (int i = 0; i < faults; i++) {
      read[i] = RUN + random.nextLong(9_900 * MS);
      pages[i] = random.nextLong(ramBytes / PAGE_BYTES);
      latency[i] = (long) Math.exp(random.nextDouble() * 14 + 4);
      kinds[i] = random.nextInt(FaultKind.UNKNOWN.ordinal());
    }
    return new ResolvedFaults(read, pages, latency, kinds, 0);
  }

  private ArrivedCells cells() {
    long total = ramBytes / PAGE_BYTES;
    long cellPages = Math.max(1, total / 2048);
    int cells = (int) (total / cellPages);
    long[][] pages = new long[Way.values().length][cells];
    long[] times = new long[cells];
    for (int cell = 0; cell < cells; cell++) {
      times[cell] = RUN + random.nextLong(10_000 * MS);
      for (long[] way : pages) {
        way[cell] = random.nextLong(cellPages / 3 + 1);
      }
    }
    return new ArrivedCells(total, cellPages, pages, times, times);
  }
}
