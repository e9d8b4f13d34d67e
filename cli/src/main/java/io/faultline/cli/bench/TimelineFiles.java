package io.faultline.cli.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What JVMs are told to record for a {@link Timeline}, and what they recorded. */
final class TimelineFiles {
  private static final String FAULT = "faultline.GuestFault";
  private static final String REQUEST = "faultline.RequestsSent";
  private static final String ANSWER = "faultline.AnswersSent";
  private static final String PLACED = "faultline.UrgentPagesPlaced";

  private TimelineFiles() {}

  /** Options of a JVM that records into a file of its own in a directory, and says nothing. */
  static List<String> options(Path directory) {
    StringBuilder recording = new StringBuilder("-XX:StartFlightRecording:settings=none");
    recording.append(",filename=").append(directory.resolve("%p.jfr"));
    for (String event : List.of(FAULT, REQUEST, ANSWER, PLACED)) {
      recording.append(",+").append(event).append("#enabled=true");
    }
    return List.of("-Xlog:disable", recording.toString());
  }

  /** Puts together what all JVMs recorded in a directory. */
  static Timeline read(Path directory) throws IOException {
    List<Timeline.Fault> faults = new ArrayList<>();
    List<Timeline.Request> requests = new ArrayList<>();
    List<Timeline.Answer> answers = new ArrayList<>();
    List<Timeline.Placing> placings = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.jfr")) {
      for (Path file : files) {
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
          switch (event.getEventType().getName()) {
            case FAULT ->
                faults.add(
                    new Timeline.Fault(event.getLong("startNanos"), event.getLong("endNanos")));
            case REQUEST ->
                requests.add(
                    new Timeline.Request(event.getLong("readNanos"), event.getLong("sentNanos")));
            case ANSWER ->
                answers.add(
                    new Timeline.Answer(
                        event.getLong("arrivedNanos"),
                        event.getLong("readyNanos"),
                        event.getLong("sentNanos")));
            case PLACED ->
                placings.add(
                    new Timeline.Placing(
                        event.getLong("arrivedNanos"), event.getLong("placedNanos")));
            default -> {} // what a JVM says of itself
          }
        }
      }
    }
    return new Timeline(faults, requests, answers, placings);
  }
}
