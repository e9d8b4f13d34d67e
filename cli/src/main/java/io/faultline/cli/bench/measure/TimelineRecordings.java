package io.faultline.cli.bench.measure;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** The Flight Recorder options for a {@link FaultTimeline}, and the files recorded with them. */
final class TimelineRecordings {
  private static final String FAULT = "faultline.GuestFault";
  private static final String REQUEST = "faultline.RequestsSent";
  private static final String ANSWER = "faultline.AnswersSent";
  private static final String PLACED = "faultline.UrgentPagesPlaced";

  private TimelineRecordings() {}

  /** JVM options: record to a file per process in this directory, and print nothing. */
  static List<String> options(Path directory) {
    StringBuilder recording = new StringBuilder("-XX:StartFlightRecording:settings=none");
    recording.append(",filename=").append(directory.resolve("%p.jfr"));
    for (String event : List.of(FAULT, REQUEST, ANSWER, PLACED)) {
      recording.append(",+").append(event).append("#enabled=true");
    }
    return List.of("-Xlog:disable", recording.toString());
  }

  /** Combines the recordings of all JVMs in a directory. */
  static FaultTimeline read(Path directory) throws IOException {
    List<FaultTimeline.Fault> faults = new ArrayList<>();
    List<FaultTimeline.Request> requests = new ArrayList<>();
    List<FaultTimeline.Answer> answers = new ArrayList<>();
    List<FaultTimeline.Placing> placings = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.jfr")) {
      for (Path file : files) {
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
          switch (event.getEventType().getName()) {
            case FAULT ->
                faults.add(
                    new FaultTimeline.Fault(
                        event.getLong("startNanos"), event.getLong("endNanos")));
            case REQUEST ->
                requests.add(
                    new FaultTimeline.Request(
                        event.getLong("readNanos"), event.getLong("sentNanos")));
            case ANSWER ->
                answers.add(
                    new FaultTimeline.Answer(
                        event.getLong("arrivedNanos"),
                        event.getLong("readyNanos"),
                        event.getLong("sentNanos")));
            case PLACED ->
                placings.add(
                    new FaultTimeline.Placing(
                        event.getLong("arrivedNanos"), event.getLong("placedNanos")));
            default -> {} // an event of the JVM itself
          }
        }
      }
    }
    return new FaultTimeline(faults, requests, answers, placings);
  }
}
