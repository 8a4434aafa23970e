import type { Reason } from "@tidemark/contracts";
import {
  afterInChinese,
  agoInChinese,
  count,
  days,
  daysLong,
  daysLongInChinese,
  percent,
  riskDirection,
  riskDirectionInChinese,
  whole,
} from "./phrases.ts";
import type { ReasonLanguage } from "./reason-text.ts";

type Wording = Readonly<Record<ReasonLanguage, (reason: Reason) => string>>;

/** Every reason of a score in words, by its code. */
export const REASON_WORDS: ReadonlyMap<string, Wording> = new Map<string, Wording>(
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
    CONTRACT_RENEWAL: {
      en: ({ params }) => {
        const { renewsInDays, renewals, everyDays, byRecord } = params;
        const times = renewals === 0 ? "" : count(renewals, "time", "times");
        const chance = `${percent(params["probability"])} chance that it ends in the next ${days(params["horizonDays"])}`;
        if (everyDays !== undefined) {
          const soFar = times === "" ? "" : `, ${times} so far`;
          return `contract renews itself every ${days(everyDays)}${soFar}, next in ${daysLong(renewsInDays)}: ${chance}`;
        }
        const source = byRecord === undefined ? "" : ", says the customer record";
        const soFar = times === "" ? "" : `, renewed ${times} so far`;
        return `contract to be renewed in ${daysLong(renewsInDays)}${source}${soFar}: ${chance}`;
      },
      "zh-CN": ({ params }) => {
        const { renewsInDays, renewals, everyDays, byRecord } = params;
        const soFar = renewals === 0 ? "" : `(已续约 ${whole(renewals)} 次)`;
        const chance = `未来 ${whole(params["horizonDays"])} 天内合同终止的概率为 ${percent(params["probability"])}`;
        const then = afterInChinese(renewsInDays);
        if (everyDays !== undefined) return `合同每 ${whole(everyDays)} 天自动续约一次,下次在${then}${soFar}:${chance}`;
        return `${byRecord === undefined ? "" : "根据客户资料,"}合同在${then}需要续约${soFar}:${chance}`;
      },
    },
    CONTRACT_LAPSED: {
      en: ({ params }) => {
        const ago = `${daysLong(params["endedDays"])} ago`;
        return params["byCustomer"] === undefined
          ? `contract ran out ${ago} and was not renewed: counts as gone until it is`
          : `the customer ended the contract ${ago}: counts as gone until there is a new one`;
      },
      "zh-CN": ({ params }) => {
        const ago = agoInChinese(params["endedDays"]);
        return params["byCustomer"] === undefined
          ? `合同已于${ago}到期且未续约:在续约之前视为已流失`
          : `客户已于${ago}终止合同:在重新签约之前视为已流失`;
      },
    },
    CONTRACT_ENDED: {
      en: ({ params }) => {
        const ago = `${daysLong(params["endedDays"])} ago`;
        return params["byCustomer"] === undefined
          ? `had a contract that ran out ${ago} and was not renewed`
          : `had a contract and ended it ${ago}`;
      },
      "zh-CN": ({ params }) => {
        const ago = agoInChinese(params["endedDays"]);
        return params["byCustomer"] === undefined ? `曾有合同,已于${ago}到期且未续约` : `曾有合同,客户已于${ago}终止`;
      },
    },
    BASELINE: {
      en: (reason) => `what the model holds for all customers: ${riskDirection(reason)}`,
      "zh-CN": (reason) => `模型对所有客户的基准:${riskDirectionInChinese(reason)}`,
    },
    COMPLAINT_OPEN: {
      en: ({ params }) => {
        const { open, oldestDays } = params;
        const complaints = count(open, "complaint", "complaints");
        if (oldestDays === undefined) return `${complaints} still open`;
        const which = open === 1 ? " for" : open === 2 ? ", the older for" : ", the oldest for";
        return `${complaints} open${which} ${daysLong(oldestDays)}`;
      },
      "zh-CN": ({ params }) => {
        const { open, oldestDays } = params;
        const complaints = `有 ${whole(open)} 件投诉尚未解决`;
        if (oldestDays === undefined) return complaints;
        return `${complaints},${open === 1 ? "" : "其中最早的"}已持续 ${daysLongInChinese(oldestDays)}`;
      },
    },
    COMPLAINT_OVERDUE: {
      en: ({ params }) =>
        `${count(params["overdue"], "complaint", "complaints")} open for longer than the ${count(params["promisedHours"], "hour", "hours")} allowed`,
      "zh-CN": ({ params }) =>
        `有 ${whole(params["overdue"])} 件投诉超过 ${whole(params["promisedHours"])} 小时的处理时限仍未解决`,
    },
    COMPLAINT_SEVERITY: {
      en: ({ params }) =>
        `a complaint of severity ${whole(params["severity"])} of 5, made ${daysLong(params["agoDays"])} ago`,
      "zh-CN": ({ params }) =>
        `${daysLongInChinese(params["agoDays"])}前有一件严重程度为 ${whole(params["severity"])} 级(共 5 级)的投诉`,
    },
    COMPLAINTS_RECENT: {
      en: ({ params }) => `complained recently (${count(params["total"], "complaint", "complaints")} so far)`,
      "zh-CN": ({ params }) => `近期有过投诉(累计 ${whole(params["total"])} 件)`,
    },
    ENGAGEMENT: {
      en: (reason) => `recent visits and other activity: ${riskDirection(reason)}`,
      "zh-CN": (reason) => `近期有访问等互动:${riskDirectionInChinese(reason)}`,
    },
    ACTIVITY_FALL: {
      en: ({ params }) =>
        `visits and other activity down to ${percent(params["ofUsual"])} of what is usual for this customer`,
      "zh-CN": ({ params }) => `访问等互动降至该客户平常水平的 ${percent(params["ofUsual"])}`,
    },
    SUPPORT_CONTACTS: {
      en: ({ params }) => {
        const contacts = count(Math.max(1, Math.round(params["decayed"] ?? 0)), "contact", "contacts");
        return `needed support often of late (weighs as ${contacts} of today)`;
      },
      "zh-CN": ({ params }) =>
        `近期频繁寻求客服支持(按时间加权约 ${whole(Math.max(1, Math.round(params["decayed"] ?? 0)))} 次)`,
    },
    LOW_RATINGS: {
      en: () => "gave low ratings recently",
      "zh-CN": () => "近期给出过低评分",
    },
    NEGATIVE_REVIEWS: {
      en: () => "wrote negative reviews recently",
      "zh-CN": () => "近期发表过负面评价",
    },
    PAYMENT_OVERDUE: {
      en: ({ params }) => {
        const { overdue, overdueDays } = params;
        const which = overdue === 1 ? "by" : "the oldest by";
        return `${count(overdue, "payment", "payments")} overdue, ${which} ${daysLong(overdueDays)}`;
      },
      "zh-CN": ({ params }) =>
        `有 ${whole(params["overdue"])} 笔款项逾期未付,最长逾期 ${daysLongInChinese(params["overdueDays"])}`,
    },
    PAYMENTS_LATE: {
      en: ({ params }) =>
        `${count(params["late"], "order", "orders")} paid late in the last ${days(params["withinDays"])}`,
      "zh-CN": ({ params }) => `过去 ${whole(params["withinDays"])} 天内有 ${whole(params["late"])} 笔订单延迟付款`,
    },
    SPEND_FALL: {
      en: ({ params }) => `recent orders worth ${percent(params["ofUsual"])} of what is usual for this customer`,
      "zh-CN": ({ params }) => `近期订单金额仅为该客户平常水平的 ${percent(params["ofUsual"])}`,
    },
  }),
);
