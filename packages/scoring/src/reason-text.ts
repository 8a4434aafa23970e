import type { Reason } from "@tidemark/contracts";

/** Languages that reasons are worded in. */
export type ReasonLanguage = "en" | "zh-CN";

/** One reason in words, for a person. A code that is not known here is given as it is. */
export function reasonText(reason: Reason, language: ReasonLanguage): string {
  const words = WORDS.get(reason.code);
  return words === undefined ? reason.code : words[language](reason);
}

type Wording = Readonly<Record<ReasonLanguage, (reason: Reason) => string>>;

const WORDS: ReadonlyMap<string, Wording> = new Map<string, Wording>(
  Object.entries({
    SILENCE: {
      en: ({ params }) => {
        const silence = days(params["silentDays"]);
        const purchases = count(params["purchaseDays"], "purchase day", "purchase days");
        const chance = percent(params["probability"]);
        return `${silence} without a purchase after ${purchases}: ${chance} chance of none in the next ${days(params["horizonDays"])}`;
      },
      "zh-CN": ({ params }) =>
        `在 ${whole(params["purchaseDays"])} 个购买日之后已有 ${whole(params["silentDays"])} 天未购买:未来 ${whole(params["horizonDays"])} 天内不再购买的概率为 ${percent(params["probability"])}`,
    },
    BASELINE: {
      en: ({ logit }) => `what the model holds for all customers: ${direction(logit, "en")}`,
      "zh-CN": ({ logit }) => `模型对所有客户的基准:${direction(logit, "zh-CN")}`,
    },
    COMPLAINT_OPEN: {
      en: ({ params }) => `${count(params["open"], "complaint", "complaints")} still open`,
      "zh-CN": ({ params }) => `有 ${whole(params["open"])} 件投诉尚未解决`,
    },
    COMPLAINTS_RECENT: {
      en: ({ params }) => `complained recently (${count(params["total"], "complaint", "complaints")} so far)`,
      "zh-CN": ({ params }) => `近期有过投诉(累计 ${whole(params["total"])} 件)`,
    },
    ENGAGEMENT: {
      en: ({ logit }) => `recent visits and other activity: ${direction(logit, "en")}`,
      "zh-CN": ({ logit }) => `近期有访问等互动:${direction(logit, "zh-CN")}`,
    },
  }),
);

function direction(logit: number, language: ReasonLanguage): string {
  const lower = logit < 0;
  if (language === "en") return lower ? "lower risk" : "higher risk";
  return lower ? "风险较低" : "风险较高";
}

function whole(value: number | undefined): string {
  return value === undefined ? "?" : String(Math.floor(value));
}

function days(value: number | undefined): string {
  return count(value === undefined ? undefined : Math.floor(value), "day", "days");
}

function count(value: number | undefined, one: string, many: string): string {
  return `${whole(value)} ${value === 1 ? one : many}`;
}

function percent(probability: number | undefined): string {
  return probability === undefined ? "?" : `${(probability * 100).toFixed(0)} %`;
}
