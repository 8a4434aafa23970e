export { ModelUnusable, keepModel, mayKeepModel, readKeptModel } from "./kept-model.ts";
export { kafkaOf, type KafkaSettings } from "./kafka-settings.ts";
export { modelOf } from "./model-of.ts";
export { errorCodeOf, exitCodeOf, exitCodes, firstFailure } from "./exit-codes.ts";
export { openLog, openOnKafka, type OnKafka, processorGroup } from "./on-kafka.ts";
export { topicProblemsOf, wordsOfProblems } from "./required-topics.ts";
export { flagOf, parseSettings, settingNames, type SettingName, type Settings } from "./settings.ts";
export { SettingsInvalid } from "./settings-invalid.ts";
export { bootId, runService, whenInterrupted } from "./run-service.ts";
