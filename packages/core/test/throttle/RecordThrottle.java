import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.zookeeper.common.Time;
import org.apache.zookeeper.server.BlueThrottle;

/**
 * Records the decisions of Apache's BlueThrottle under random load, with the clock (../sessions/Time.java, which must
 * stand in front of the jars of Apache ZooKeeper 3.9.5 on the class path) and the random numbers under control. The
 * argument is the file to write, throttle.recording.
 *
 * A run is the settings and its steps; a step is [time, tokens needed, random number drawn or −1, admitted, deficit, drop
 * chance].
 */
public class RecordThrottle {
    static class Drawn extends Random {
        double last;

        Drawn(long seed) {
            super(seed);
        }

        @Override
        public double nextDouble() {
            last = super.nextDouble();
            return last;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Random random = new Random(7);
        Field field = BlueThrottle.class.getDeclaredField("rng");
        field.setAccessible(true);
        List<Object> runs = new ArrayList<>();
        for (int run = 0; run < 24; run++) {
            Time.now = 1_000_000 + random.nextInt(1000);
            long start = Time.now;
            BlueThrottle throttle = new BlueThrottle();
            int tokens = run == 0 ? 0 : 1 + random.nextInt(20), fillTime = 1 + random.nextInt(20), fillCount = 1 + random.nextInt(4);
            int freeze = run % 3 == 0 ? -1 : random.nextInt(30);
            double increase = random.nextInt(60) / 100.0, decrease = random.nextInt(30) / 100.0, ratio = random.nextInt(100) / 100.0;
            throttle.setMaxTokens(tokens);
            throttle.setFillTime(fillTime);
            throttle.setFillCount(fillCount);
            throttle.setFreezeTime(freeze);
            throttle.setDropIncrease(increase);
            throttle.setDropDecrease(decrease);
            throttle.setDecreasePoint(ratio);
            Drawn drawn = new Drawn(run);
            field.set(throttle, drawn);
            List<Object> steps = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                Time.now += random.nextInt(4) == 0 ? random.nextInt(60) : random.nextInt(3);
                int need = 1 + random.nextInt(3);
                drawn.last = -1;
                if (i == 50) {
                    throttle.setMaxTokens(tokens + 5);
                }
                boolean admitted = throttle.checkLimit(need);
                steps.add(Arrays.asList(Time.now, need, drawn.last, admitted, throttle.getDeficit(), throttle.getDropChance()));
            }
            runs.add(Arrays.asList(Arrays.asList(start, tokens, fillTime, fillCount, freeze, increase, decrease, ratio), steps));
        }
        Files.writeString(Path.of(arguments[0]), new ObjectMapper().writeValueAsString(runs).replace("]]],[[", "]]],\n[[") + "\n");
    }
}
